import { readdir, readFile } from 'node:fs/promises'

export interface MigrationFile {
  /** The file name without `.sql`. */
  readonly name: string
  readonly text: string
  /** The indexes of a file that runs outside a transaction; undefined for one that runs inside. */
  readonly indexes: readonly ConcurrentIndex[] | undefined
}

export interface ConcurrentIndex {
  readonly name: string
  readonly statement: string
}

/**
 * Reads the .sql files of a folder in the order of their names; each file is one migration.
 * @throws Error for a file that begins with `-- outside a transaction` and contains anything but
 *   `create index concurrently` statements
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

// A migration outside a transaction may stop half-way and is then run again from its beginning. So
// it may contain only statements that are safe to repeat and whose remains Kontor knows how to
// remove.
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
        `The migration ${file} runs outside a transaction: it may contain only ` +
          '"create index concurrently if not exists NAME on ..." statements, each with a ' +
          'semicolon at the end of its line.',
      )
    return { name, statement }
  })
}
