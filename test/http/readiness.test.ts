// What /readyz reports of a process that can serve.
import { sql } from 'kysely'
import t from 'tap'
import { linkEvents } from '../../src/audit/chain/link.ts'
import { openDatabase } from '../../src/db/database.ts'
import { caller, startKontor } from '../support/kontor.ts'

const kontor = await startKontor(t, { worker: false })
const { runtime } = kontor.running
// The role that serves may not change how long an event has waited.
const db = openDatabase(kontor.databaseUrl, { connections: 1, name: 'owner' })
t.teardown(() => db.destroy())
const readiness = async () => {
  const { status, body } = await caller(kontor.url, {})('GET', '/readyz')
  return { status, body }
}

t.test('a stuck audit chain is a warning, and the process stays in service', async (t) => {
  const healthy = { status: 200, body: { status: 'ready' } }
  await kontor.admin('GET', '/api/audit/events')
  await kontor.admin('GET', '/api/audit/events')
  t.strictSame(await readiness(), healthy, 'events wait, but not for long')

  await sql`update audit_unlinked set since = now() - interval '9 minutes 50 seconds'
    where event_id = (select min(event_id) from audit_unlinked)`.execute(db)
  t.strictSame(await readiness(), healthy, 'less than ten minutes')

  await sql`update audit_unlinked set since = now() - interval '83 minutes'
    where event_id = (select min(event_id) from audit_unlinked)`.execute(db)
  t.strictSame(await readiness(), {
    status: 200,
    body: { status: 'ready', warnings: ['The audit log has not been linked for 83 minutes.'] },
  })

  await sql`update audit_unlinked set lost = true
    where event_id = (select min(event_id) from audit_unlinked)`.execute(db)
  t.strictSame(await readiness(), healthy, 'a lost event is never linked, so it does not wait')

  await sql`update audit_unlinked set lost = false, since = now() - interval '83 minutes'`.execute(
    db,
  )
  t.match(await readiness(), { status: 200, body: { warnings: [/83 minutes/] } })
  await linkEvents(runtime, 1_000)
  t.strictSame(await readiness(), healthy, 'linked again')
})
