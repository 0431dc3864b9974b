// The commands of README.md and of the pages about tenants, access and the audit, as a newcomer
// pastes them, against the real demo.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { until } from '../support/kontor.ts'

t.setTimeout(110_000)
const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
const read = (file: string) => readFile(join(root, file), 'utf8')

const folder = await mkdtemp(join(tmpdir(), 'kontor-readme-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))
// `npm run -s kontor` is run in this folder, not in the checkout.
const { scripts } = JSON.parse(await read('package.json')) as { scripts: { kontor: string } }
await writeFile(
  join(folder, 'package.json'),
  JSON.stringify({ scripts: { kontor: scripts.kontor.replace('bin/', `${root}bin/`) } }),
)
const demo = spawn(process.execPath, [join(root, 'bin/kontor.js'), 'demo'], {
  cwd: folder,
  stdio: 'ignore',
  env: { PATH: process.env['PATH'], KONTOR_DATA: '.kontor', PORT: '0' },
})
t.teardown(async () => {
  demo.kill('SIGTERM')
  if (demo.exitCode === null) await once(demo, 'exit')
})
const modeOfEnv = () =>
  stat(join(folder, '.kontor/env')).then(
    ({ mode }) => mode & 0o777,
    () => undefined,
  )
t.equal(
  await until(modeOfEnv, (mode) => mode !== undefined, 60_000),
  0o600,
  "the credentials for a shell are its owner's only",
)

/** The shell blocks of a page, or of one of its sections. */
function blocksOf(page: string, section?: string): string[] {
  const text =
    section === undefined
      ? page
      : (page.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '')
  return Array.from(text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm), ([, block]) => block ?? '')
}

/** The output of the commands; the first failure ends them. */
async function paste(...commands: readonly string[]): Promise<string> {
  const { KONTOR_URL: _url, DATABASE_URL: _database, ...environment } = process.env
  const { stdout } = await run('bash', ['-c', ['set -eu\n', ...commands].join('')], {
    cwd: folder,
    timeout: 90_000,
    env: {
      ...environment,
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    },
  })
  return stdout
}

// A reader waits for last_operation before going on.
const whenChatIsDone =
  'while osb $KONTOR/v2/service_instances/chat/last_operation | grep -q "in progress"; do sleep 0.3; done\n'

t.test(
  'the order of the README works as it is written, and nothing is left at the end',
  async (t) => {
    const blocks = blocksOf(await read('README.md'), 'Order something')
    t.equal(blocks.length, 6)
    const [before = '', order = '', look = '', change = '', store = '', remove = ''] = blocks
    const stdout = await paste(
      before,
      order,
      whenChatIsDone,
      look,
      change,
      whenChatIsDone,
      store,
      // The last line reads the data centre's state, which changes a moment after the delete.
      remove.replace(/^curl -s/m, `${whenChatIsDone}curl -s`),
    )

    const lines = stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '')
    t.equal(lines[0], '44')
    t.match(lines[1], /^\{"dashboard_url":".+","operation":".+"\}$/, 'the order is under way')
    t.equal(lines[2], '{"state":"succeeded"}')
    t.match(
      lines[3],
      /"plan_id":"9eb120f7-0b84-5c1d-bfed-dc8c73a79b87".*"parameters":\{"users":25\}/,
    )
    t.match(lines[4], /"operation":/, 'the change is under way')
    t.match(lines[5], /"dashboard_url":/, 'the storage is there at once')
    t.match(lines[6], /"credentials":\{.*"bucket":/)
    t.equal(lines[7], lines[6], 'a binding is read again as it was made')
    t.strictSame(lines.slice(8, 10), ['{}', '{}'])
    t.match(lines[10], /"operation":/)
    t.equal(lines[11], '[]', `the data centre holds nothing any more:\n${stdout}`)
  },
)

t.test('so does what the README has the operator do', async (t) => {
  const readme = await read('README.md')
  const blocks = blocksOf(readme, 'As the operator')
  t.equal(blocks.length, 4)
  const stdout = await paste(...blocks)
  t.match(stdout, /musterstadt +kommune +active +musterland/)
  t.match(stdout, /"username": "musterau-cf-\w+"/)
  t.match(stdout, /^Revoked\.$/m)
  t.match(stdout, /^\{"id":"[^\n]+"effect":"deny"/m)
  const [refusal = ''] = /^\{"description":.*/m.exec(stdout) ?? []
  t.match(refusal, /quota of the organisation \\"musterstadt\\"/)
  t.ok(readme.includes(`\n${refusal}\n`), `the README shows ${refusal}`)
  t.match(
    stdout,
    /^\d+ events, \d+ of them checked against the one before, up to \d+:[0-9a-f]{64}\n\d+ events, head \d+:[0-9a-f]{64}/m,
  )
  t.match(
    stdout,
    /^Values sealed anew with the key "k2": \d+\nThe key "demo" seals nothing any more/m,
  )
  t.notMatch(stdout, /problems\//, 'nothing else was refused')
})

t.test('so does docs/tenants.md from top to bottom', async (t) => {
  const page = await read('docs/tenants.md')
  const refused = /^kontor organisation retire .* 'Merged.*$/m
  t.match(page, refused)
  const stdout = await paste(...blocksOf(page).map((block) => block.replace(refused, '! $& 2>&1')))
  const [sentence = ''] = /^kontor: .*/m.exec(stdout) ?? []
  t.ok(sentence !== '' && page.includes(`\n${sentence}\n`), `the page shows ${sentence}`)
  t.equal(stdout.match(/^state: +retired$/gm)?.length, 4, 'all of it is taken back at the end')
  t.notMatch(stdout, /problems\//, 'nothing else was refused')
})

t.test('so does docs/access.md', async (t) => {
  const stdout = await paste(...blocksOf(await read('docs/access.md')))
  t.match(stdout, /"mayOrder":true/)
  t.match(stdout, /^HTTP\/1.1 200 OK[\s\S]*^x-dry-run: true/m)
  t.notMatch(stdout, /problems\//, 'nothing was refused')
})

t.test('so does docs/audit.md', async (t) => {
  const stdout = await paste(...blocksOf(await read('docs/audit.md')))
  t.match(stdout, /^\{"items":\[\{"position"/m)
  t.match(
    await readFile(join(folder, 'musterstadt.jsonl'), 'utf8'),
    /^\{.*"objectKind":"quota"/m,
    'an organisation by its name',
  )
  t.match(
    await readFile(join(folder, 'chat.csv'), 'utf8'),
    /^position,id,at,[^\n]+\n.*,instance.provision,instance,chat,/,
  )
})

t.test('SIGTERM ends the demo', async (t) => {
  const exited = once(demo, 'exit')
  demo.kill('SIGTERM')
  t.strictSame(await exited, [0, null])
})
