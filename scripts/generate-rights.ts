import { readFile } from 'node:fs/promises'
import { readSources } from '../test/support/source.ts'
import { tableWritesOf } from '../test/support/table-writes.ts'

// What the role needs for statements in which no table stands.
const unnamed: ReadonlyArray<readonly [table: string, right: string]> = [
  // The trigger on audit_events inserts with the rights of the session.
  ['audit_unlinked', 'insert'],
  // A rotation of the keys updates every column that holds sealed values.
  ['vault_secrets', 'update'],
  // The protection of rows by MACs writes the table's set and a mark together with the rows.
  ['sealed_sets', 'insert'],
  ['sealed_sets', 'update'],
  ['vault_marks', 'insert'],
  ['vault_marks', 'update'],
]
const limitedToColumns: ReadonlyMap<string, string> = new Map([
  ['update audit_unlinked', 'update (lost)'],
])
const order = ['insert', 'update', 'delete']

/** The rights of the role that serves, from the statements in src/. Those of db/ are migrations. */
export async function generateRights(): Promise<{ file: string; text: string }> {
  const rights = new Map<string, Set<string>>((await tables()).map((table) => [table, new Set()]))
  const written = readSources('src')
    .flatMap(tableWritesOf)
    .flatMap(({ kind, table, path }) =>
      table === undefined || path.startsWith('src/db/') ? [] : [[table, kind] as const],
    )
  for (const [table, right] of [...written, ...unnamed]) {
    const known = rights.get(table)
    if (known === undefined)
      throw new Error(`A statement writes ${table}, which no migration made.`)
    if (!order.includes(right)) throw new Error(`No store may ${right} a table, such as ${table}.`)
    known.add(right)
  }
  const lines = [...rights]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([table, used]) => `  ${table}: [${listed(table, used)}],`)
  return {
    file: 'src/db/serving-rights.gen.ts',
    text: `// Generated from the statements in src/ by "npm run gen". Do not edit.

/**
 * The rights of the database role that serves, besides that to read every table: what the code does
 * to each table, and nothing else.
 */
export const servingRights: Readonly<Record<string, readonly string[]>> = {
${lines.join('\n')}
}
`,
  }
}

async function tables(): Promise<string[]> {
  const types = await readFile('src/db/schema.gen.ts', 'utf8')
  const [, all = ''] = /^export interface DB \{\n(.*?)^\}/ms.exec(types) ?? []
  return ['kysely_migration', ...Array.from(all.matchAll(/^ {2}(\w+):/gm), ([, name = '']) => name)]
}

function listed(table: string, used: ReadonlySet<string>): string {
  return [...used]
    .toSorted((a, b) => order.indexOf(a) - order.indexOf(b))
    .map((right) => `'${limitedToColumns.get(`${right} ${table}`) ?? right}'`)
    .join(', ')
}
