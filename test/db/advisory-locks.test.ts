// Which operations the advisory locks make wait for each other (src/db/advisory-locks.ts).
import pg from 'pg'
import t from 'tap'
import { advisoryLocks } from '../../src/db/advisory-locks.ts'
import { startKontor } from '../support/kontor.ts'

t.test('each lock has its own number', async (t) => {
  const numbers = Object.values(advisoryLocks)
  t.equal(new Set(numbers).size, numbers.length)
})

t.test(
  'a provider can be registered and its catalog published during a key rotation',
  async (t) => {
    const kontor = await startKontor(t)
    const rotation = new pg.Client({ connectionString: kontor.databaseUrl })
    await rotation.connect()
    t.teardown(() => rotation.end())
    // The lock that `kontor key rotate` holds while it changes the key rings.
    await rotation.query('select pg_advisory_lock($1)', [advisoryLocks.rings])
    const { view } = await kontor.addProvider('nord')
    t.match(view, { name: 'nord', catalog: { offerings: Number, stale: false } })
  },
)
