import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { buildApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { startPostgres } from '../tools/embedded-postgres/start.ts'
import { openRuntime } from '../src/runtime/runtime.ts'
import { createLog } from '../src/log.ts'
import { migrateToLatest } from '../src/migrate.ts'

/** openapi.yaml from the routes of the real app. */
export async function generateOpenapi(): Promise<{ file: string; text: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'kontor-generate-'))
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), durable: false })
  try {
    await migrateToLatest(postgres.url)
    const config = readConfig({
      DATABASE_URL: postgres.url,
      KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      KONTOR_ADMIN_TOKEN: randomBytes(32).toString('hex'),
    })
    const runtime = await openRuntime({ config, log: createLog('silent') })
    const app = await buildApp(runtime)
    const text = stringify(app.swagger(), { lineWidth: 120, aliasDuplicateObjects: false })
    await app.close()
    await runtime.close()
    return {
      file: 'openapi.yaml',
      text: `# Generated from the routes and schemas/ by "npm run openapi". Do not edit.\n${text}`,
    }
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
