// Who waits for whom by advisory locks (src/db/advisory-locks.ts).
import pg from 'pg'
import t from 'tap'
import { advisoryLocks } from '../../src/db/advisory-locks.ts'
import { startKontor } from '../support/kontor.ts'

t.test('each lock has a number of its own', async (t) => {
  const numbers = Object.values(advisoryLocks)
  t.equal(new Set(numbers).size, numbers.length)
})

t.test('a provider is registered and its catalog published while keys rotate', async (t) => {
  const kontor = await startKontor(t)
  const rotation = new pg.Client({ connectionString: kontor.databaseUrl })
  await rotation.connect()
  t.teardown(() => rotation.end())
  // As `kontor key rotate` holds it while it changes the rings.
  await rotation.query('select pg_advisory_lock($1)', [advisoryLocks.rings])
  const { view } = await kontor.addProvider('nord')
  t.match(view, { name: 'nord', catalog: { offerings: Number, stale: false } })
})
