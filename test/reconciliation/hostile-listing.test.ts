// Listings of providers that are broken or hostile: each ends with a clear sentence, and no finding
// is changed.
import t from 'tap'
import { here, startKontor } from '../support/kontor.ts'
import { longestStep } from '../support/longest-step.ts'
import { scriptedProvider } from '../support/scripted-provider.ts'
import { answer, inBytes, type Script } from '../support/scripted-upstream.ts'
import { okay, reconciliationOf } from './runs.ts'

// For the whole file on a busy machine; an idle one needs a fraction of it.
t.setTimeout(110_000)

const page = (count: number, more: object = {}) => ({
  instances: Array.from({ length: count }, (_, at) => ({ instance_id: `s-${at}` })),
  ...more,
})
let turn = 0
const endless: Script = (request, response) => {
  answer(200, page(1, { next: `t-${turn++}` }))(request, response)
}

const hostile: ReadonlyArray<readonly [what: string, script: Script, says: RegExp]> = [
  ['a page that leads to itself', answer(200, page(1, { next: 'again' })), /goes in circles/],
  ['pages without end', endless, /does not end: it has more than 1,000 pages/],
  ['no JSON', answer(200, '<html>'), /HTML instead of JSON/],
  ['a list', answer(200, []), /not a JSON object/],
  ['no instances', answer(200, {}), /instances is missing/],
  [
    'an id that is invalid',
    answer(200, { instances: [{ instance_id: 7 }] }),
    /instances\.0\.instance_id must be string/,
  ],
  [
    'an id that is too long',
    answer(200, { instances: [{ instance_id: 'x'.repeat(10_000) }] }),
    /instance_id must NOT have more than 500/,
  ],
  [
    'an id that cannot be stored',
    answer(200, { instances: [{ instance_id: 'a\0b' }] }),
    /cannot be stored/,
  ],
  [
    'an endless page',
    answer(200, page(1, { padding: 'x'.repeat(2_000_000) })),
    /longer than 1048576 bytes/,
  ],
  [
    'very many values',
    answer(200, `{"instances":[${'{},'.repeat(300_000)}{}]}`),
    /the answer holds more than 1\d{5} values/,
  ],
  ['a redirect', answer(302, '', { location: 'http://127.0.0.1:1/' }), /redirect \(302\)/],
  ['no such address', answer(404, {}), /no listing at this address/],
  ['a wrong password', answer(401, { description: 'correct horse' }), /wrong credentials \(401\)/],
  ['an error', answer(503, { description: 'at http://10.0.0.1' }), /answered with 503/],
  ['silence', () => {}, /no answer within 5 s/],
]

t.test('hostile listings end with a clear sentence, and change nothing', async (t) => {
  const kontor = await startKontor(t)
  const provider = await scriptedProvider(t, kontor, 'nord', {
    settings: { timeoutSeconds: 5, inventoryPath: '/my/inventory', maxCatalogBytes: 1_048_576 },
  })
  const { reconcile, findings } = reconciliationOf(kontor, provider.id)
  okay(
    await kontor.call('PUT', '/v2/service_instances/i-1', {
      ...(await kontor.find('nord', 'db', 'small')),
      ...here,
    }),
  )
  for (const [what, script, says] of hostile) {
    provider.respond({ inventory: script })
    const run = await reconcile()
    t.match(run, { state: 'failed', error: says }, `${what}: ${JSON.stringify(run.error)}`)
    t.notMatch(JSON.stringify(run), /correct horse|10\.0\.0\.1/)
  }
  t.strictSame(await findings('?state=all'), [])
  t.match(provider.requests('inventory')[0], {
    path: '/my/inventory',
    headers: { authorization: /^Basic / },
  })
  provider.respond({ inventory: answer(200, page(10_500)) })
  t.match(
    await reconcile(),
    { state: 'succeeded', leftOut: 500 },
    'all unknown instances are counted, and most are stored',
  )
  t.equal(
    (await kontor.admin('GET', `${provider.path}/findings?limit=1000`)).body.items.length,
    1_000,
  )

  // Others each time: they neither accumulate nor displace findings on Kontor's own instances.
  const { db } = kontor.running.runtime
  const count = async (isOpen: boolean) =>
    Number(
      (
        await db
          .selectFrom('findings')
          .select((of) => of.fn.countAll<string>().as('count'))
          .where('kind', '=', 'unknown')
          .where('resolved_at', isOpen ? 'is' : 'is not', null)
          .executeTakeFirstOrThrow()
      ).count,
    )
  provider.respond({ fetch_instance: answer(404, {}) })
  for (const run of [1, 2]) {
    provider.respond({
      inventory: answer(200, {
        instances: Array.from({ length: 10_500 }, (_, n) => ({ instance_id: `run-${run}-${n}` })),
      }),
    })
    t.match(await reconcile(), { state: 'succeeded', leftOut: 500 })
    t.strictSame([await count(true), await count(false)], [10_000, 5_000])
  }
  t.match(await findings('?kind=missing'), [{ instanceId: 'i-1' }])

  // The largest page that there may be.
  const large = await scriptedProvider(t, kontor, 'sued', {
    settings: { inventoryPath: '/my/inventory' },
  })
  const instances = Array.from({ length: 19_900 }, (_, at) => ({
    instance_id: `${at % 200}`.padStart(120, '0'),
    service_id: 's'.repeat(120),
    plan_id: 'p'.repeat(120),
  }))
  const body = JSON.stringify({ instances })
  const bytes = Buffer.from(JSON.stringify(page(10)).padEnd(400_000))
  const { reconcile: reconcileLarge } = reconciliationOf(kontor, large.id)
  for (const [what, inventory] of [
    [`of ${body.length} bytes`, answer(200, body)],
    ['in chunks of a byte', inBytes(bytes)],
  ] as const) {
    large.respond({ inventory })
    const steps: number[] = []
    // What Kontor does in one step it does in each run, while the garbage of the other files of this
    // process is collected in one of them.
    for (let run = 0; run < 3; run++)
      steps.push(
        await longestStep(async () => {
          t.match(await reconcileLarge(), { state: 'succeeded', error: null })
        }),
      )
    const longest = Math.min(...steps)
    t.ok(longest < 50, `a step takes at most ${longest} ms for a page ${what}`)
  }
})
