// The memory of many different catalogs stays within its maximum.
import t from 'tap'
import { createRenderings, keyOf } from '../../src/access/visibility/renderings.ts'
import type { CatalogOffering, CatalogPlan, CatalogSnapshot } from '../../src/catalog/snapshot.ts'

function snapshotOf(count: number): CatalogSnapshot {
  const offering: CatalogOffering & { plans: CatalogPlan[] } = {
    id: 'o',
    name: 'o',
    position: 0,
    text: Buffer.from(''),
    body: { metadata: { long: 'x'.repeat(10_000) } },
    upstreamFlags: { instancesRetrievable: true, bindingsRetrievable: true },
    plans: [],
  }
  for (let n = 0; n < count; n++) {
    offering.plans.push({
      id: `plan-${n}`,
      name: `plan-${n}`,
      position: n,
      text: Buffer.from(''),
      body: {},
      offering,
      isPublished: true,
      bindable: true,
      updateable: true,
      rotatable: false,
      contextUpdates: false,
      maintenanceVersion: undefined,
      maximumPollingSeconds: undefined,
      target: {
        providerId: 'p',
        providerLabel: 'P',
        upstreamServiceId: 's',
        upstreamPlanId: String(n),
      },
    })
  }
  return {
    revision: '1',
    parts: [],
    offerings: new Map([['o', offering]]),
    plans: new Map(offering.plans.map((plan) => [plan.id, plan])),
  }
}

const one = (n: number) => new Set([`plan-${n}`])

t.test('concurrent requests share one rendering', async (t) => {
  const renderings = createRenderings(snapshotOf(3), 1_000_000)
  const key = keyOf(one(1))
  t.equal(renderings.ready(key, new Date(5_000)), undefined)
  const made = [renderings.make(key, one(1)), renderings.make(key, one(1))]
  t.equal(made[0], made[1])
  const [first] = await Promise.all(made)
  t.equal((await renderings.make(key, one(1))).representations, first?.representations)
  t.strictSame(JSON.parse(String(first?.representations.identity.body)).services[0].plans, [
    { id: 'plan-1', name: 'plan-1' },
  ])
  t.equal(renderings.ready(key, new Date(7_000))?.lastModified?.getTime(), 7_000)
  t.equal(
    renderings.ready(key, new Date(7_000)),
    renderings.ready(key, new Date(7_000)),
    'the same object for one date',
  )
  t.equal(renderings.ready(key, new Date(7_000))?.representations, first?.representations)
})

t.test(
  'beyond the maximum the least recently used one is dropped, and rendered again on request',
  async (t) => {
    const renderings = createRenderings(snapshotOf(5), 35_000)
    for (const n of [0, 1, 2]) await renderings.make(keyOf(one(n)), one(n))
    t.ok(renderings.ready(keyOf(one(0)), new Date(1_000)))
    await renderings.make(keyOf(one(3)), one(3))
    const kept = [0, 1, 2, 3].filter(
      (n) => renderings.ready(keyOf(one(n)), new Date(1_000)) !== undefined,
    )
    t.strictSame(kept, [0, 2, 3])
    const again = await renderings.make(keyOf(one(1)), one(1))
    t.match(String(again.representations.identity.body), /plan-1/)
  },
)

t.test('one alone may exceed the maximum', async (t) => {
  const renderings = createRenderings(snapshotOf(2), 10)
  for (const n of [0, 1]) t.ok(await renderings.make(keyOf(one(n)), one(n)))
  t.strictSame(
    [0, 1].map((n) => renderings.ready(keyOf(one(n)), new Date(1_000)) !== undefined),
    [false, true],
  )
})
