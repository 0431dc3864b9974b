// Which process reads a catalog that is due, what happens when it dies meanwhile, and what a
// reading leaves behind.
import t, { type Test } from 'tap'
import { createCatalogReader } from '../../src/catalog/reading/catalog-reader.ts'
import { readConfig } from '../../src/config.ts'
import { refreshDueCatalogs } from '../../src/jobs/refresh-catalogs.ts'
import { processesOf } from '../faults/processes.ts'
import { catalogOf } from '../support/catalogs.ts'
import { startKontor, until, type TestKontor } from '../support/kontor.ts'
import { answer, scriptedUpstream } from '../support/scripted-upstream.ts'

async function stateOf({ running }: TestKontor, providerId: string) {
  return running.runtime.db
    .selectFrom('provider_catalogs')
    .select(['checked_at', 'next_refresh_at'])
    .where('provider_id', '=', providerId)
    .executeTakeFirstOrThrow()
}

async function makeDue({ running }: TestKontor, providerId: string): Promise<void> {
  await running.runtime.db
    .updateTable('provider_catalogs')
    .set({ next_refresh_at: running.runtime.now() })
    .where('provider_id', '=', providerId)
    .execute()
}

/**
 * A worker process in the middle of reading a catalog that changed; the next regular reading is an
 * hour away.
 */
async function midReading(t: Test) {
  const kontor = await startKontor(t, { worker: false })
  const { simulator, view } = await kontor.addProvider('nord', {
    settings: { catalogTimeoutSeconds: 3 },
  })
  const start = await processesOf(t, kontor)
  const first = await start()
  simulator.setCatalog({ services: catalogOf('nord').services.slice(0, 1) })
  simulator.faults.add({ on: 'catalog', do: { hang: true } })
  const before = simulator.state().requests['catalog'] ?? 0
  await makeDue(kontor, view.id)
  await until(
    () => simulator.state().requests['catalog'] ?? 0,
    (count) => count === before + 1,
  )
  const isPublished = () =>
    until(
      () => kontor.call('GET', '/v2/catalog'),
      ({ body }) => body.services.length === 1,
    )
  return { kontor, id: view.id, start, first, isPublished }
}

t.test('a catalog whose reader is killed is read by another process', async (t) => {
  const { kontor, id, start, first, isPublished } = await midReading(t)
  first.child.kill('SIGKILL')
  await first.exited
  const { next_refresh_at: next } = await stateOf(kontor, id)
  t.ok(next.getTime() - kontor.running.runtime.now().getTime() < 80_000, 'when the claim ends')
  // Instead of waiting for the end of the claim.
  await makeDue(kontor, id)
  await start()
  await isPublished()
  const after = await stateOf(kontor, id)
  t.ok(after.next_refresh_at.getTime() - (after.checked_at?.getTime() ?? 0) > 3_000_000)
})

t.test('a process that stops hands the catalog on at once', async (t) => {
  const { start, first, isPublished } = await midReading(t)
  first.child.kill('SIGTERM')
  await first.exited
  await start()
  await isPublished()
})

t.test('a catalog that is due is read by one of several processes', async (t) => {
  const kontor = await startKontor(t)
  await kontor.another()
  await kontor.another()
  const { simulator, view } = await kontor.addProvider('nord')
  const before = simulator.state().requests['catalog'] ?? 0
  const { checked_at: checkedBefore } = await stateOf(kontor, view.id)
  await makeDue(kontor, view.id)
  await until(
    () => stateOf(kontor, view.id),
    ({ checked_at: at }) => (at?.getTime() ?? 0) > (checkedBefore?.getTime() ?? 0),
  )
  t.equal(simulator.state().requests['catalog'], before + 1)
})

t.test('a reading that ends with an error is repeated at the usual interval', async (t) => {
  const kontor = await startKontor(t)
  const { simulator, view } = await kontor.addProvider('nord', { refreshSeconds: 30 })
  const before = simulator.state().requests['catalog'] ?? 0
  await kontor.running.runtime.db
    .updateTable('providers')
    .set({
      // Sealed with a key that this process lacks.
      credentials: Buffer.concat([Buffer.of(3, 4), Buffer.from('lost'), Buffer.alloc(99)]),
      revision: 100,
    })
    .where('id', '=', view.id)
    .execute()
  await makeDue(kontor, view.id)
  // Due now, then leased for 75 s, then due after the interval.
  const waitMs = async () =>
    (await stateOf(kontor, view.id)).next_refresh_at.getTime() -
    kontor.running.runtime.now().getTime()
  await until(waitMs, (ms) => ms > 0 && ms <= 30_000, 10_000)
  t.equal(simulator.state().requests['catalog'], before, 'its back end could not be opened')
})

t.test('a provider that rests after a large catalog holds up no other one', async (t) => {
  const kontor = await startKontor(t, { worker: false })
  const { runtime } = kontor.running
  const large = await scriptedUpstream(t, answer(500, ' '.repeat(200_000)))
  const { body } = await kontor.admin('POST', '/api/providers', {
    name: 'sued',
    backend: 'osb',
    settings: { url: large.url },
    credentials: { none: true },
    refreshSeconds: 3_600,
  })
  const resting = String(body.id)
  const { view } = await kontor.addProvider('nord')
  const restMs = 60_000
  const rest = { smallBytes: 100_000, ratio: 1, minMs: restMs, maxMs: restMs, rowMs: 0 }
  const catalogReader = createCatalogReader(runtime.catalogReader.caps, { rest })
  t.teardown(() => catalogReader.close())
  const job = refreshDueCatalogs({ ...runtime, catalogReader }, 1)
  t.teardown(() => job.stop())
  const waitMs = async () =>
    (await stateOf(kontor, resting)).next_refresh_at.getTime() - runtime.now().getTime()
  const readLarge = async () => {
    await makeDue(kontor, resting)
    job.wake()
  }
  await readLarge()
  await until(waitMs, (ms) => ms > 1_800_000)
  const seen = large.requests.length
  await readLarge()
  // Leased for longer, it falls due when the rest is over.
  await until(waitMs, (ms) => ms > 0 && ms <= restMs)
  const { checked_at: before } = await stateOf(kontor, view.id)
  await makeDue(kontor, view.id)
  job.wake()
  await until(
    () => stateOf(kontor, view.id),
    ({ checked_at: at }) => (at?.getTime() ?? 0) > (before?.getTime() ?? 0),
  )
  t.equal(large.requests.length, seen)
})

t.test('of a catalog that was read no bytes are left to be collected', async (t) => {
  const { catalogCaps } = readConfig({})
  const publisher = { name: 'p', displayName: 'P', storeBindingCredentials: true }
  const reader = createCatalogReader(catalogCaps, { threads: 1 })
  t.teardown(() => reader.close())
  const text = Buffer.from(JSON.stringify(catalogOf('p')))
  const received = [Buffer.allocUnsafeSlow(20), Buffer.allocUnsafeSlow(30)].map((piece, at) => {
    text.copy(piece, 0, at * 20)
    return piece
  })
  // As the end of an answer, which shares its buffer with what else was received at that moment.
  const shared = text.subarray(50)
  // As the HTTP client has one for all connections.
  const empty = Buffer.allocUnsafeSlow(0)
  const body = [...received, shared, empty]
  const never = new AbortController().signal
  t.equal((await reader.read('p', { body, publisher }, never)).kind, 'inspected')
  t.strictSame(
    body.map(({ buffer }) => (buffer as ArrayBuffer).detached),
    [true, true, false, false],
  )
})
