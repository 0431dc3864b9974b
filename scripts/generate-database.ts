import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../tools/embedded-postgres/start.ts'
import { migrateToLatest } from '../src/migrate.ts'

/** The tables as TypeScript types, read from a database that all migrations made. */
export async function generateDatabase(): Promise<{ file: string; text: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'kontor-generate-'))
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), durable: false })
  try {
    await migrateToLatest(postgres.url)
    const out = join(folder, 'schema.ts')
    await run('kysely-codegen', [
      '--dialect',
      'postgres',
      '--url',
      postgres.url,
      '--out-file',
      out,
      '--default-schema',
      'public',
      '--include-pattern',
      'public.*',
      '--exclude-pattern',
      'public.kysely_*',
      '--log-level',
      'error',
    ])
    const text = await readFile(out, 'utf8')
    return { file: 'src/db/schema.gen.ts', text: text.replaceAll(/;$/gm, '').replaceAll('"', "'") }
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function run(command: string, args: string[]): Promise<void> {
  const child = spawn(join('node_modules', '.bin', command), args, { stdio: 'inherit' })
  const code = await new Promise((resolve, reject) =>
    child.once('exit', resolve).once('error', reject),
  )
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`)
}
