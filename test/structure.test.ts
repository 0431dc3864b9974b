// The shape of the sources and schemas: widths and lengths, words, advisory locks, and which module
// writes which table. test/module-rules.test.ts checks what imports what.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import { advisoryLocks } from '../src/db/advisory-locks.ts'
import { ajv, allSchemas } from '../src/schemas.ts'
import { functionsOf } from './support/functions.ts'
import { lockCallsOf } from './support/lock-calls.ts'
import { readSources } from './support/source.ts'
import { tableWritesOf } from './support/table-writes.ts'

// Key rotation encrypts all secret columns again, in the tables that vault/sealed-columns.ts lists.
// The same, and each write of a protected row, gives rows their MACs.
const writersOfListedTables: readonly string[] = [
  'src/vault/sealed-values/store.ts',
  'src/vault/sealed-rows/rows/store.ts',
]

const maxColumns = 100
const maxLines = 350
const usualLines = 200
const usualFunctionLines = 50
// 95 % of the files and functions stay below the usual length.
const longShare = 0.05
const unclearWords = /\b(?:whoever|nobody|somebody|told|heard)\b/gi

const product = readSources('src')
const sources = [...product, ...readSources('tools')]
const handWritten = sources.filter(({ isGenerated }) => !isGenerated)

t.test('the sources are read at all', async (t) => {
  t.ok(handWritten.length > 200)
  t.ok(handWritten.flatMap(functionsOf).length > 1_000)
  t.ok(product.flatMap(tableWritesOf).length > 50)
  t.ok(product.flatMap(lockCallsOf).length > 2)
})

t.test('every schema of schemas/ is valid by its draft, which no process checks', async (t) => {
  t.ok(allSchemas.length > 40)
  for (const schema of allSchemas) t.ok(ajv.validateSchema(schema), schema.$id)
  const ofNouns = globSync('schemas/api/*.json').flatMap((file) => {
    const read = JSON.parse(readFileSync(file, 'utf8')) as {
      $id?: string
      $defs?: Readonly<Record<string, { readonly $id?: string }>>
    }
    const several = read.$id === undefined ? (read.$defs ?? {}) : {}
    return Object.entries(several).map(([name, { $id }]) => ({ file, name, $id }))
  })
  t.ok(ofNouns.length > 20)
  t.strictSame(
    ofNouns.filter(({ name, $id }) => $id !== name),
    [],
    'each of a file with several has its name as $id',
  )
})

t.test(`no line has more than ${maxColumns} columns`, async (t) => {
  const wide = [...handWritten, ...readSources('bench')].flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => {
      const columns = line.length
      return columns > maxColumns ? [`${path}:${index + 1} has ${columns} columns`] : []
    }),
  )
  t.strictSame(wide, [])
})

t.test('files are short', async (t) => {
  const from = (count: number) =>
    handWritten
      .filter(({ lines }) => lines.length >= count)
      .map(({ path, lines }) => `${path}:${lines.length} is its last line`)
  t.strictSame(from(maxLines + 1), [], `none has more than ${maxLines} lines`)
  const long = from(usualLines)
  const allowed = Math.floor(handWritten.length * longShare)
  t.strictSame(unlessFew(long, allowed), [], `${allowed} may have ${usualLines} lines or more`)
})

t.test('functions are short', async (t) => {
  const functions = handWritten.flatMap(functionsOf)
  const long = functions
    .filter(({ lines }) => lines >= usualFunctionLines)
    .map(({ at, lines }) => `${at} has ${lines} lines`)
  const allowed = Math.floor(functions.length * longShare)
  t.strictSame(
    unlessFew(long, allowed),
    [],
    `${allowed} may have ${usualFunctionLines} lines or more`,
  )
})

t.test('the sources name who acts', async (t) => {
  const unclear = product.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) =>
      [...line.matchAll(unclearWords)].map(([word]) => `${path}:${index + 1} says "${word}"`),
    ),
  )
  t.strictSame(unclear, [])
})

t.test('every advisory lock has a number of its own in db/advisory-locks.ts', async (t) => {
  const calls = product.flatMap(lockCallsOf)
  const numbers = Object.entries<number>(advisoryLocks)
  t.strictSame(
    calls
      .filter(({ lock }) => numbers.every(([name]) => name !== lock))
      .map(({ at }) => `${at} takes a number that is not from that file`),
    [],
  )
  t.strictSame(
    numbers.filter(([, number], index) => numbers.findIndex((of) => of[1] === number) < index),
    [],
    'no number stands there twice',
  )
  for (const [name] of numbers) {
    const takers = calls.filter(({ lock }) => lock === name)
    const modules = new Set(takers.map(({ path }) => moduleOf(path)))
    t.equal(modules.size, 1, `one module takes ${name}: ${takers.map(({ at }) => at).join(', ')}`)
  }
})

t.test('only the stores of one module write a table', async (t) => {
  const writes = product.flatMap(tableWritesOf)
  t.strictSame(
    writes
      .filter(({ path }) => basename(path) !== 'store.ts' && moduleOf(path) !== 'db')
      .map(({ at }) => `${at} is not in a store.ts`),
    [],
  )
  const unnamed = writes.filter(({ table }) => table === undefined)
  t.strictSame(
    unnamed
      .filter(({ path }) => !writersOfListedTables.includes(path))
      .map(({ at }) => `${at} writes a table without its name`),
    [],
  )
  const named = Map.groupBy(writes, ({ table }) => table ?? '')
  named.delete('')
  t.strictSame(
    [...named].flatMap(([table, all]) => {
      const modules = new Set(all.map(({ path }) => moduleOf(path)))
      return modules.size > 1 ? [`${table}: ${all.map(({ at }) => at).join(', ')}`] : []
    }),
    [],
  )
  t.strictSame(
    writersOfListedTables.filter((known) => unnamed.every(({ path }) => path !== known)),
    [],
    'no exception has outlived its reason',
  )
})

function moduleOf(path: string): string {
  return path.split('/')[1] ?? ''
}

function unlessFew(found: readonly string[], allowed: number): readonly string[] {
  return found.length > allowed ? found : []
}

t.test('each test that SECURITY.md names exists, and each row names one', async (t) => {
  const root = new URL('../', import.meta.url)
  const text = readFileSync(new URL('SECURITY.md', root), 'utf8')
  const named = new Set(text.match(/\btest\/[\w/-]+\.test\.ts/g))
  t.ok(named.size > 20)
  t.strictSame(
    [...named].filter((file) => !existsSync(new URL(file, root))),
    [],
  )
  const rows = text
    .slice(text.indexOf('## Who is trusted'))
    .split('\n')
    .filter((line) => /^\| (?!-|party|what SQL)/.test(line))
  t.ok(rows.length > 18)
  t.strictSame(
    rows.filter((row) => !/test\/|\(#a-pen-in-the-database\)|not shown/.test(row)),
    [],
  )
})
