// npm run bench -- hanging-provider: how long orders at nine providers take while a tenth one takes
// its orders and does not answer.
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { describeEnvironment } from './environment.ts'
import { applyLoad, type Load, type Target } from './load.ts'
import type { BenchOptions } from './options.ts'
import { describeMachine } from './print.ts'
import { registerProvider, untilPublished, type Catalog } from './register.ts'
import { openStage, type Stage } from './stage.ts'
import { median } from './summary.ts'

const providers = 10
// Fewer than the processors can serve, or the bench would measure how they are shared.
const connections = 2
const warmSeconds = 4
/** Of the last provider, in each round alike. */
const ordersASecond = 20
const wanted = 1.2

interface Round {
  readonly quiet: Load
  readonly hanging: Load
}

export async function runHangingProvider(options: BenchOptions): Promise<void> {
  const stage = await openStage(options)
  const interrupt = () => {
    void stage.close().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const environment = await describeEnvironment(stage)
    console.log(describeMachine(environment))
    const { url } = await stage.serve('ten-providers', { providers })
    const ids = await registerAll(stage, url)
    const last = ids.at(-1) ?? ''
    const target = ordersOf(stage, ids.slice(0, -1))
    const switchTo = async (state: 'hang' | 'recover') => {
      const { body } = await request(`${url}/${state}`, { method: 'POST' })
      await body.dump()
    }
    await applyLoad(target, connections, warmSeconds)
    const rounds: Round[] = []
    for (let round = 0; round < options.rounds; round++) {
      const quiet = await measure(stage, target, last, options.seconds)
      await switchTo('hang')
      const hanging = await measure(stage, target, last, options.seconds)
      await switchTo('recover')
      await delay(1_000)
      rounds.push({ quiet, hanging })
    }
    print(rounds)
    if (options.json !== undefined)
      await writeFile(options.json, `${JSON.stringify({ environment, rounds }, null, 2)}\n`)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    await stage.close()
  }
}

/** @returns the body of an order at each of them */
async function registerAll(stage: Stage, url: string): Promise<string[]> {
  const { kontor, headers, adminToken } = stage
  const { services: before } = await untilPublished(kontor.url, headers)
  for (let number = 1; number <= providers; number++)
    await registerProvider(kontor.url, adminToken, {
      name: `ten-${String(number).padStart(2, '0')}`,
      url: `${url}/${number}`,
      credentials: { username: 'kontor', password: 'bench' },
    })
  const known = new Set(before.map(({ id }) => id))
  const catalog = await untilPublished(kontor.url, headers, before.length + providers)
  const services = catalog.services as ReadonlyArray<
    Catalog['services'][number] & { readonly name: string }
  >
  return services
    .filter(({ id }) => !known.has(id))
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ id, plans }) =>
      JSON.stringify({
        service_id: id,
        plan_id: plans[0]?.id,
        organization_guid: 'c7ab6b7d',
        space_guid: '1f0c6ab4',
      }),
    )
}

/** Orders at each of them in turn. */
function ordersOf({ kontor, headers }: Stage, bodies: readonly string[]): Target {
  let next = 0
  return {
    url: kontor.url,
    method: 'PUT',
    path: () => `/v2/service_instances/${randomUUID()}?accepts_incomplete=true`,
    headers: { ...headers, 'content-type': 'application/json' },
    body: () => bodies[next++ % bodies.length] ?? '',
    status: 201,
  }
}

/** @param body  of the orders that the last provider gets meanwhile */
async function measure(
  { kontor, headers }: Stage,
  target: Target,
  body: string,
  seconds: number,
): Promise<Load> {
  const pending = new Set<Promise<unknown>>()
  const timer = setInterval(() => {
    const path = `/v2/service_instances/${randomUUID()}?accepts_incomplete=true`
    const sent = request(`${kontor.url}${path}`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
    })
      .then((reply) => reply.body.dump())
      .catch(() => {}) // what becomes of them is not measured
      .finally(() => pending.delete(sent))
    pending.add(sent)
  }, 1_000 / ordersASecond)
  try {
    return await applyLoad(target, connections, seconds)
  } finally {
    clearInterval(timer)
  }
}

function print(rounds: readonly Round[]): void {
  const of = (side: keyof Round, pick: (load: Load) => number) =>
    median(rounds.map((round) => pick(round[side])))
  console.log(
    `\n| orders at ${providers - 1} of ${providers} providers | a second | p50 ms | p99 ms |\n` +
      '| --- | --- | --- | --- |',
  )
  for (const [side, name] of [
    ['quiet', 'all answer'],
    ['hanging', 'the tenth hangs'],
  ] as const) {
    const rate = Math.round(of(side, ({ perSecond }) => perSecond))
    const p50 = of(side, ({ p50Ms }) => p50Ms).toFixed(2)
    const p99 = of(side, ({ p99Ms }) => p99Ms).toFixed(2)
    console.log(`| ${name} | ${rate} | ${p50} | ${p99} |`)
  }
  const ratio = of('hanging', ({ p99Ms }) => p99Ms) / of('quiet', ({ p99Ms }) => p99Ms)
  const ratios = rounds.map(({ quiet, hanging }) => (hanging.p99Ms / quiet.p99Ms).toFixed(2))
  console.log(
    `\np99 by that of all answering: ${ratio.toFixed(2)} (rounds ${ratios.join(', ')}), ` +
      `wanted at most ${wanted}`,
  )
}
