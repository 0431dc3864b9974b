import { readdir, readFile } from 'node:fs/promises'

export interface MigrationFile {
  /** Without `.sql`. */
  readonly name: string
  readonly text: string
  /** The indexes of a file that runs outside of a transaction; undefined: it runs within one. */
  readonly indexes: readonly ConcurrentIndex[] | undefined
}

export interface ConcurrentIndex {
  readonly name: string
  readonly statement: string
}

/**
 * The .sql files of a folder, in the order of their names; each is one migration, several statements long.
 * @throws Error for one that begins with `-- outside a transaction` and holds something else than indexes
 */
export async function readMigrations(folder: URL): Promise<MigrationFile[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted()
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(new URL(file, folder), 'utf8')
      const name = file.replace(/\.sql$/, '')
      return {
        name,
        text,
        indexes: text.startsWith('-- outside a transaction') ? indexesOf(name, text) : undefined,
      }
    }),
  )
}

// What runs outside of a transaction may stop half way and is then run again from its beginning: only statements that may be
// repeated, and of which we know how to take away what they left.
function indexesOf(file: string, text: string): ConcurrentIndex[] {
  const statements = text
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((each) => each.trim())
    .filter((each) => each !== '')
  return statements.map((statement) => {
    const name = /^create (?:unique )?index concurrently if not exists ([a-z_]+) on /.exec(
      statement,
    )?.[1]
    if (name === undefined || statement.includes(';'))
      throw new Error(
        `The migration ${file} runs outside of a transaction: it may hold only "create index concurrently if not exists NAME on ...", each ended by a semicolon at the end of its line.`,
      )
    return { name, statement }
  })
}
