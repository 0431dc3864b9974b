import { sql } from 'kysely'
import t from 'tap'
import { openDatabase } from '../../src/db/database.ts'
import { provision } from '../../src/instances/provision.ts'
import { createClaimDue } from '../../src/operations/claims/claim-due.ts'
import { readRows } from '../faults/invariants.ts'
import {
  finished,
  here,
  startKontor,
  until,
  type Call,
  type TestKontor,
} from '../support/kontor.ts'

const at = (id: string) => `/v2/service_instances/${id}?accepts_incomplete=true`
const each = async (count: number, make: (n: number) => Promise<unknown>) => {
  await Promise.all(Array.from({ length: count }, (_, n) => make(n)))
}

/**
 * The median time of five consecutive orders, from the request to the end that the platform sees.
 */
async function usualMs({ call }: TestKontor, name: string, ids: object): Promise<number> {
  const took: number[] = []
  for (let n = 0; n < 5; n++) {
    const started = performance.now()
    const { body } = await call('PUT', at(`${name}-${n}`), { ...ids, ...here })
    const end = await finished(call, `/v2/service_instances/${name}-${n}`, body.operation)
    if (end.body.state !== 'succeeded') throw new Error(end.text)
    took.push(performance.now() - started)
  }
  return took.toSorted((a, b) => a - b)[2] ?? 0
}

t.test(
  "a provider that hangs, with hundreds of orders and operations, does not delay another's orders",
  async (t) => {
    const kontor = await startKontor(t, { environment: { KONTOR_INLINE_SECONDS: '0.05' } })
    const { call } = kontor
    const { simulator: slow } = await kontor.addProvider('slow', {
      behaviours: { '*': { mode: 'async', provisionSeconds: 3_600 } },
      settings: { timeoutSeconds: 55 },
    })
    await kontor.addProvider('quick', {
      behaviours: { '*': { mode: 'async', provisionSeconds: 0.5 } },
    })
    const [slowIds, quickIds] = [
      await kontor.find('slow', 'db', 'small'),
      await kontor.find('quick', 'db', 'small'),
    ]
    const before = await usualMs(kontor, 'before', quickIds)

    // Hundreds of operations in progress, then no more answers, then hundreds of queued orders.
    await each(150, (n) => call('PUT', at(`pending-${n}`), { ...slowIds, ...here }))
    await until(
      () => readRows(kontor),
      ({ running }) => running.filter(({ state }) => state === 'waiting').length >= 100,
      60_000,
    )
    slow.faults.add({ on: 'any', times: 0, do: { hang: true } })
    await each(150, (n) => call('PUT', at(`queued-${n}`), { ...slowIds, ...here }))
    const taken = async () =>
      Number(
        /^kontor_provider_slots_taken\{provider="slow"\} (\d+)$/m.exec(
          (await call('GET', '/metrics')).text,
        )?.[1],
      )
    await until(taken, (count) => count >= 16, 60_000)

    const during = await usualMs(kontor, 'during', quickIds)
    t.ok(
      during < 3 * before + 2_000,
      `${Math.round(during)} ms beside the one that hangs, ${Math.round(before)} ms without`,
    )
    const { running } = await readRows(kontor)
    t.ok(running.length >= 290, `${running.length} orders of the other are still under way`)
    t.ok((await taken()) <= 20, 'it uses no more than its own slots')
  },
)

t.test(
  'a flood of one platform at a provider leaves the others their share, and polls go on',
  async (t) => {
    const kontor = await startKontor(t)
    const { simulator } = await kontor.addProvider('shared', {
      concurrency: 10,
      behaviours: {
        'shared-db': { mode: 'sync' },
        'shared-app': { mode: 'async', provisionSeconds: 0.2 },
      },
    })
    const [db, app] = [
      await kontor.find('shared', 'db', 'small'),
      await kontor.find('shared', 'app'),
    ]
    simulator.faults.add({ on: 'provision', times: 0, do: { delayMs: 200 } })
    const other = await kontor.newPlatform('other')
    const put = async (call: Call, path: string, ids: object) =>
      (await call('PUT', `/v2/service_instances/${path}`, { ...ids, ...here })).status

    let sent = 0
    let isOver = false
    const flooding: number[] = []
    const flood = each(60, async () => {
      while (!isOver && sent < 600) flooding.push(await put(kontor.call, `flood-${sent++}`, db))
    })
    await until(
      () => flooding.length,
      (count) => count >= 10,
    )
    const orders = await Promise.all([
      ...Array.from({ length: 12 }, (_, n) => put(other, `sync-${n}`, db)),
      ...Array.from({ length: 4 }, (_, n) => put(other, `async-${n}?accepts_incomplete=true`, app)),
    ])
    const ends = await Promise.all(
      Array.from({ length: 4 }, (_, n) => finished(other, `/v2/service_instances/async-${n}`)),
    )
    const sentMeanwhile = sent
    isOver = true
    await flood
    t.strictSame(orders, [...Array<number>(12).fill(201), ...Array<number>(4).fill(202)])
    t.strictSame(
      ends.map(({ body }) => body.state as unknown),
      Array<string>(4).fill('succeeded'),
    )
    t.ok(sentMeanwhile < 600, `${sentMeanwhile} orders of the flood were sent by then`)
    t.strictSame([...new Set(flooding)], [201], 'and those waited for their turn too')
  },
)

t.test('polls take turns with orders at the only slot of a provider', async (t) => {
  const kontor = await startKontor(t)
  const { simulator } = await kontor.addProvider('narrow', {
    concurrency: 1,
    behaviours: {
      'narrow-db': { mode: 'sync' },
      'narrow-app': { mode: 'async', provisionSeconds: 0.1 },
    },
  })
  const [db, app] = [await kontor.find('narrow', 'db', 'small'), await kontor.find('narrow', 'app')]
  const { call } = kontor
  t.equal((await call('PUT', at('polled'), { ...app, ...here })).status, 202)
  // Longer than a turn of the steps: one that began beside an order would be over before its end.
  simulator.faults.add({ on: 'provision', times: 0, do: { delayMs: 400 } })
  let sent = 0
  let isOver = false
  const flood = each(8, async () => {
    while (!isOver && sent < 40)
      await call('PUT', `/v2/service_instances/flood-${sent++}`, { ...db, ...here })
  })
  const { body } = await finished(call, '/v2/service_instances/polled')
  const sentMeanwhile = sent
  isOver = true
  await flood
  t.equal(body.state, 'succeeded')
  t.ok(sentMeanwhile < 40, `${sentMeanwhile} orders were sent by then`)
})

t.test(
  'orders at a full provider: one sent again is answered, waits add up, and a stop ends them',
  async (t) => {
    const kontor = await startKontor(t, { worker: false })
    const { call, running } = kontor
    const { simulator, view } = await kontor.addProvider('full', {
      concurrency: 1,
      behaviours: { '*': { mode: 'sync' } },
    })
    const small = await kontor.find('full', 'db', 'small')
    const other = await kontor.newPlatform('other')
    const instance = (id: string) => `/v2/service_instances/${id}`
    const binding = `${instance('made')}/service_bindings/b`
    t.equal((await call('PUT', instance('made'), { ...small, ...here })).status, 201)
    t.equal((await call('PUT', binding, small)).status, 201)
    simulator.faults.add({ on: 'provision', times: 0, do: { hang: true } })

    const { directory } = running.runtime
    const platformId = directory.platformNamed('first')?.id ?? ''
    const otherId = directory.platformNamed('other')?.id ?? ''
    /** As if the order had come in that long ago, and had waited since. */
    const orderAfter = (elapsedMs: number) =>
      provision(running.runtime, {
        platformId,
        instanceId: `after-${elapsedMs}`,
        acceptsIncomplete: false,
        originatingIdentity: undefined,
        requestIdentity: undefined,
        isDryRun: false,
        receivedAtMs: performance.now() - elapsedMs,
        isAbandoned: () => false,
        body: { ...small, ...here },
      })
    const began = performance.now()
    await t.rejects(orderAfter(54_800), { code: 'provider_timeout' })

    const stuck = call('PUT', at('stuck'), { ...small, ...here })
    await until(
      () => simulator.state().requests['provision'],
      (count) => count === 3,
    )
    await t.rejects(orderAfter(29_900), { code: 'rate_limited', message: /busy/ })
    t.equal((await call('PUT', instance('made'), { ...small, ...here })).status, 200)
    t.equal((await call('PUT', binding, small)).status, 200)
    t.ok(performance.now() - began < 5_000, 'none of them has waited for a slot')

    for (let n = 0; n < 5; n++)
      t.equal((await call('PUT', at(`flood-${n}`), { ...small, ...here })).status, 202)
    const waiting = call('PUT', instance('waiting'), { ...small, ...here })
    const queued = other('PUT', at('queued'), { ...small, ...here })
    await until(
      async () => (await call('GET', '/metrics')).text,
      (text) => /^kontor_provider_orders_waiting\{provider="full"\} 2$/m.test(text),
    )
    const stopped = running.stop()
    t.match(await waiting, {
      status: 429,
      headers: { 'retry-after': '5' },
      body: { description: /^This Kontor process stops, and the order was not begun\./ },
    })
    t.equal((await queued).status, 202, 'one that can be queued is')
    await stopped
    t.equal((await stuck).status, 202)
    t.ok(performance.now() - began < 10_000)

    const db = openDatabase(kontor.databaseUrl, { connections: 1, name: 'claim' })
    t.teardown(() => db.destroy())
    const times = { leaseMs: 20_000, inDoubtMs: 0 }
    const errors: unknown[] = []
    const onPartialFailure = (error: unknown) => errors.push(error)
    const claimOnce = createClaimDue(db, times, onPartialFailure)
    const claimed = await claimOnce(new Map([[view.id, 2]]), new Date())
    t.equal(claimed.length, 2)
    t.match(
      claimed.find((operation) => operation.platformId !== platformId),
      { instanceId: 'queued' },
      'the order of one platform is not behind the older ones of another',
    )

    await sql`
      with backlog as (
        insert into instances (id, platform_id, instance_id, provider_id, offering_id, plan_id,
          upstream_id, upstream_service_id, upstream_plan_id, organization_guid, space_guid, state,
          created_at, updated_at)
        select gen_random_uuid(), platform_id, 'behind-' || n, provider_id, offering_id, plan_id,
          n::text, upstream_service_id, upstream_plan_id, 'o', 's', 'provisioning',
          timestamptz '2020-01-01' + n * interval '1 minute', now()
        from instances, generate_series(1, 2000) as n where instance_id = 'made'
        returning *
      )
      insert into operations (id, platform_id, provider_id, instance_key, instance_id, kind, state,
        fencing_token, next_step_at, deadline_at, accepts_incomplete, created_at, updated_at)
      select gen_random_uuid(), platform_id, provider_id, id, instance_id, 'provision', 'accepted',
        0, created_at, now(), true, created_at, now()
      from backlog`.execute(db)
    const queue = () =>
      sql`
        update operations set state = 'accepted', lease_until = null, platform_id = ${otherId},
          next_step_at = timestamptz '2020-01-01' + interval '1500 minutes'
        where instance_id = 'queued'`.execute(db)
    await queue()
    const claimDue = createClaimDue(db, times, onPartialFailure)
    const claim = async () => {
      const operations = await claimDue(new Map([[view.id, 2]]), new Date())
      return operations.map(({ instanceId }) => instanceId.replace(/\d+$/, 'n')).toSorted()
    }
    t.strictSame(await claim(), ['behind-n', 'behind-n'], 'the first may be of the oldest')
    t.strictSame(await claim(), ['behind-n', 'queued'], 'but not behind fifteen hundred others')

    await queue()
    const tooMany = new Map([
      [view.id, 2 ** 31],
      [otherId, 1],
    ])
    t.strictSame(await claimDue(tooMany, new Date()), [])
    t.match(errors, [{ code: '22003' }], 'an error of one of two statements is reported')
    t.strictSame(await claim(), ['behind-n', 'queued'], 'and its providers are still behind')
    await t.rejects(claimDue(new Map([[view.id, 2 ** 31]]), new Date()), { code: '22003' })
    t.equal(errors.length, 1, 'that of the only one is thrown')
  },
)
