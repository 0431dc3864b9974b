// Design section 3: who may import whom. The lines are read, not run.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Import {
  readonly from: string
  readonly to: string
}

const files = globSync('{src,tools}/**/*.ts', { cwd: root }).toSorted()
const imports: readonly Import[] = files.flatMap((from) =>
  specifiersOf(readFileSync(join(root, from), 'utf8')).map((specifier) => ({
    from,
    to: specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : specifier,
  })),
)

/** Of `import`, `export ... from` and `import()`, types too. */
function specifiersOf(text: string): string[] {
  return [
    ...text.matchAll(
      /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
    ),
  ].map(([, from, bare, called]) => from ?? bare ?? called ?? '')
}

// From the top: a module imports only itself and what stands after it.
const modules = [
  'administration',
  'orders',
  'reconciliation',
  'bindings',
  'instances',
  'operations',
  'orphans',
  'marketplace',
  'people',
  'access',
  'catalog',
  'providers',
  'tenancy',
  'ledger',
  'mail',
  'audit',
]
const plumbing = ['backends', 'oidc', 'vault', 'db', 'telemetry', 'threads', 'forms']
const topPlumbing = [
  'src/config.ts',
  'src/cut-page.ts',
  'src/csv.ts',
  'src/decimal.ts',
  'src/drop-nulls.ts',
  'src/log.ts',
  'src/mail-config.ts',
  'src/errors.ts',
  'src/fair-queue.ts',
  'src/guarded-file.ts',
  'src/ids.ts',
  'src/storable.ts',
  'src/visible-text.ts',
  'src/without-prototype-keys.ts',
  'src/networks.ts',
  'src/schemas.ts',
  'src/types.gen.ts',
  'src/unsafe-settings.ts',
  'src/within.ts',
]
// Where everything is put together; nothing imports these but each other.
const topRoots = ['src/main.ts', 'src/app.ts', 'src/worker.ts', 'src/migrate.ts']
const isRoot = (file: string) => topRoots.includes(file) || folderOf(file) === 'runtime'

const folderOf = (file: string) => /^src\/([^/]+)\//.exec(file)?.[1]
const isOurs = (file: string) => file.startsWith('src/')
const sentenceOf = ({ from, to }: Import) => `${from} imports ${to}`

function offenders(isWrong: (each: Import) => boolean): string[] {
  return imports.filter(isWrong).map(sentenceOf)
}

t.test('the lines are found at all', async (t) => {
  t.ok(files.length > 100)
  t.ok(imports.length > 400)
  t.ok(
    imports.some(
      ({ from, to }) => from === 'src/http/osb/routes.ts' && to === 'src/instances/provision.ts',
    ),
  )
  t.ok(
    imports.some(({ from, to }) => from === 'src/main.ts' && to === 'src/cli/serve.ts'),
    'import() too',
  )
  t.strictSame(
    imports.filter(({ to }) => isOurs(to) && !files.includes(to)).map(sentenceOf),
    [],
    'each leads to a file',
  )
})

t.test('every folder of src has its place in these rules', async (t) => {
  const folders = new Set(files.map(folderOf).filter((folder) => folder !== undefined))
  t.strictSame(
    [...folders].toSorted(),
    [...modules, ...plumbing, 'http', 'jobs', 'cli', 'runtime'].toSorted(),
  )
  t.strictSame(
    files.filter((file) => isOurs(file) && folderOf(file) === undefined).toSorted(),
    [...topPlumbing, ...topRoots].toSorted(),
  )
})

t.test('a module imports only itself, the modules below it, and plumbing', async (t) => {
  t.strictSame(
    offenders(({ from, to }) => {
      const module = modules.indexOf(folderOf(from) ?? '')
      if (module === -1 || !isOurs(to)) return false
      const target = folderOf(to)
      if (target === undefined) return !topPlumbing.includes(to)
      return !plumbing.includes(target) && !(modules.indexOf(target) >= module)
    }),
    [],
  )
})

t.test('plumbing imports only plumbing', async (t) => {
  t.strictSame(
    offenders(({ from, to }) => {
      const isPlumbing = plumbing.includes(folderOf(from) ?? '') || topPlumbing.includes(from)
      return (
        isPlumbing &&
        isOurs(to) &&
        !plumbing.includes(folderOf(to) ?? '') &&
        !topPlumbing.includes(to)
      )
    }),
    [],
  )
})

t.test('entry points never meet, and nothing below knows one', async (t) => {
  t.strictSame(
    offenders(
      ({ from, to }) =>
        folderOf(from) === 'http' && (folderOf(to) === 'jobs' || to === 'src/worker.ts'),
    ),
    [],
  )
  t.strictSame(
    offenders(
      ({ from, to }) =>
        folderOf(from) === 'jobs' && (folderOf(to) === 'http' || to === 'src/app.ts'),
    ),
    [],
  )
  const mayKnowAnEntryPoint = (file: string) =>
    ['http', 'jobs', 'cli'].includes(folderOf(file) ?? '') || isRoot(file)
  t.strictSame(
    offenders(
      ({ from, to }) =>
        ['http', 'jobs', 'cli'].includes(folderOf(to) ?? '') && !mayKnowAnEntryPoint(from),
    ),
    [],
  )
  t.strictSame(
    offenders(({ from, to }) => isRoot(to) && folderOf(from) !== 'cli' && !isRoot(from)),
    [],
  )
})

t.test("only store.ts files hold SQL, and a module's store is its own", async (t) => {
  t.strictSame(
    offenders(
      ({ from, to }) =>
        /^(kysely|pg)(\/|$)/.test(to) &&
        isOurs(from) &&
        folderOf(from) !== 'db' &&
        !from.endsWith('/store.ts') &&
        from !== 'src/migrate.ts',
    ),
    [],
  )
  t.strictSame(
    offenders(({ from, to }) => to.endsWith('/store.ts') && folderOf(from) !== folderOf(to)),
    [],
  )
  const sqlWords = /\.(selectFrom|insertInto|updateTable|deleteFrom|executeQuery)\(/
  t.strictSame(
    files.filter(
      (file) =>
        sqlWords.test(readFileSync(join(root, file), 'utf8')) &&
        !file.endsWith('/store.ts') &&
        folderOf(file) !== 'db' &&
        file !== 'src/migrate.ts',
    ),
    [],
  )
})

t.test('back ends know no database, no tenant and no request', async (t) => {
  t.strictSame(
    offenders(
      ({ from, to }) =>
        folderOf(from) === 'backends' &&
        (['db', 'vault', 'tenancy', 'http'].includes(folderOf(to) ?? '') ||
          /^(kysely|pg|fastify)$/.test(to)),
    ),
    [],
  )
})

t.test('libraries stay where they belong', async (t) => {
  const mayImport: Record<string, (file: string) => boolean> = {
    '^(fastify|@fastify/.*)$': (file) => folderOf(file) === 'http' || file === 'src/app.ts',
    '^ghtml$': (file) =>
      ['http', 'forms'].includes(folderOf(file) ?? '') || file.startsWith('tools/demo-issuer/'),
    '^openid-client$': (file) => folderOf(file) === 'oidc',
    '^oidc-provider$': (file) => file.startsWith('tools/demo-issuer/'),
    '^undici$': (file) => ['backends', 'oidc'].includes(folderOf(file) ?? ''),
    '^jose$': (file) => folderOf(file) === 'oidc',
    '^nodemailer$': (file) => folderOf(file) === 'mail',
    '^pino$': (file) => file === 'src/log.ts',
    '^commander$': (file) => folderOf(file) === 'cli' || file === 'src/main.ts',
    '^prom-client$': (file) => folderOf(file) === 'telemetry',
  }
  for (const [name, isAllowed] of Object.entries(mayImport))
    t.strictSame(
      offenders(({ from, to }) => new RegExp(name).test(to) && !isAllowed(from)),
      [],
      name,
    )
})

t.test('a tool imports only itself, and only the command line imports tools', async (t) => {
  const toolOf = (file: string) => /^tools\/([^/]+)\//.exec(file)?.[1]
  const isLocal = (to: string) => isOurs(to) || toolOf(to) !== undefined
  t.strictSame(
    offenders(
      ({ from, to }) => toolOf(from) !== undefined && isLocal(to) && toolOf(to) !== toolOf(from),
    ),
    [],
  )
  t.strictSame(
    offenders(
      ({ from, to }) => isOurs(from) && toolOf(to) !== undefined && folderOf(from) !== 'cli',
    ),
    [],
  )
})

t.test('no file is named for nothing', async (t) => {
  t.strictSame(
    files.filter((file) =>
      /(^|\/)(utils?|helpers?|common|services?|index|misc|shared|lib)(\.ts|\/)/.test(file),
    ),
    [],
  )
})

t.test('imports make no circles, of types neither', async (t) => {
  const next = new Map(
    files.map((file) => [
      file,
      imports.filter(({ from, to }) => from === file && isOurs(to)).map(({ to }) => to),
    ]),
  )
  const circles: string[] = []
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    if (at !== -1) circles.push([...path.slice(at), file].join(' -> '))
    if (at !== -1 || done.has(file)) return
    for (const to of next.get(file) ?? []) walk(to, [...path, file])
    done.add(file)
  }
  for (const file of files) walk(file, [])
  t.strictSame(circles, [])
})
