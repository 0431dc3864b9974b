// What a process logs while its database is unreachable.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startPostgres } from '../../tools/embedded-postgres/start.ts'
import { serveKontor } from '../support/kontor-process.ts'
import { until } from '../support/kontor.ts'

t.setTimeout(110_000)

t.test('each log line of an outage says what failed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kontor-outage-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), durable: false })
  t.teardown(() => postgres.stop())
  const served = await serveKontor(
    t,
    {
      DATABASE_URL: postgres.url,
      KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      KONTOR_ADMIN_TOKEN: randomBytes(32).toString('hex'),
    },
    '--migrate',
  )
  const before = served.output().stderr.length
  await postgres.stop()
  const linesOf = () =>
    served
      .output()
      .stderr.slice(before)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { msg: string; error?: { message?: string } })
  const lines = await until(
    async () => {
      await fetch(`${served.url}/readyz`)
      return linesOf()
    },
    (all) => all.length >= 10,
  )
  for (const { msg, error } of lines) {
    if (error === undefined) continue
    t.match(error.message, /\w+ \w+/, `${msg}: ${error.message}`)
    t.notMatch(error.message, '[object Object]')
  }
})
