// What test/structure.test.ts relies on: a lock, a write or a long function is found however it is
// written.
import t from 'tap'
import { functionsOf } from './functions.ts'
import { lockCallsOf } from './lock-calls.ts'
import { sourceOf, type SourceFile } from './source.ts'
import { tableWritesOf } from './table-writes.ts'

/** One statement a line, from line 1. */
const sourceOfLines = (...lines: string[]): SourceFile =>
  sourceOf('src/some/store.ts', lines.join('\n'))

t.test('writes of a table are found, by Kysely and in SQL', async (t) => {
  const source = sourceOfLines(
    "db.insertInto('plans as p').values({})",
    "db.selectFrom('plans').forUpdate()",
    'sql`update plans as p set a = 1 from b`',
    'sql`with a as (select 1 for update skip locked) update only "plans" set a = 1`',
    'sql`insert into plans (a) values (1) on conflict (a) do update set a = excluded.a`',
    "const text = 'delete from plans where a in (select 1 for update of orphans)'",
    'db.updateTable(table).set({})',
    'sql`update ${sql.table(table)} as kept set a = 1`',
    "db.insertInto('plans').onConflict((conflict) => conflict.doUpdateSet({}))",
  )
  const found = tableWritesOf(source).map(
    ({ kind, table, at }) => `${at} ${kind} ${table ?? 'any'}`,
  )
  t.strictSame(found.toSorted(), [
    'src/some/store.ts:1 insert plans',
    'src/some/store.ts:3 update plans',
    'src/some/store.ts:4 update plans',
    'src/some/store.ts:5 insert plans',
    'src/some/store.ts:5 update plans',
    'src/some/store.ts:6 delete plans',
    'src/some/store.ts:7 update any',
    'src/some/store.ts:8 update any',
    'src/some/store.ts:9 insert plans',
    'src/some/store.ts:9 update plans',
  ])
})

t.test('an advisory lock is known by its name in the list, and by nothing else', async (t) => {
  const source = sourceOfLines(
    'sql`select pg_advisory_xact_lock(${advisoryLocks.rings})`',
    "client.query('select pg_try_advisory_lock($2)', [5, advisoryLocks.rotation])",
    'sql`select pg_advisory_xact_lock(5127002)`',
    'sql`select pg_advisory_unlock(${number})`',
    "client.query('select pg_try_advisory_lock($1)', [5])",
    "fn('pg_advisory_lock', [5])",
  )
  t.strictSame(
    lockCallsOf(source).map(({ lock }) => lock),
    ['rings', 'rotation', undefined, undefined, undefined, undefined],
  )
})

t.test('functions of every kind have their length', async (t) => {
  const source = sourceOfLines(
    'const short = (a: number) => a',
    'function plain() {',
    '  return { method() { return 1 } }',
    '}',
    'class A { async *steps(): AsyncGenerator {',
    '  each(() => {',
    '  })',
    '} }',
  )
  t.strictSame(
    functionsOf(source)
      .map(({ at, lines }) => `${at} ${lines}`)
      .toSorted(),
    [
      'src/some/store.ts:2 3',
      'src/some/store.ts:3 1',
      'src/some/store.ts:5 4',
      'src/some/store.ts:6 2',
    ],
  )
})
