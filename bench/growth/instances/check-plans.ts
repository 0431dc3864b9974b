// The plans of the statements that have to be fast, with all the rows there: the truth of which
// test/db/plans.test.ts makes believe.
import { join } from 'node:path'
import pg from 'pg'
import { request } from 'undici'
import { catalogOf } from '../../../test/support/catalogs.ts'
import { sendHotRequests, type HotKontor } from '../../../test/support/plans/hot-requests.ts'
import {
  describeScans,
  findSmallIndexes,
  grows,
  keepsGates,
} from '../../../test/support/plans/judge.ts'
import { scansOf } from '../../../test/support/plans/scans.ts'
import { watchStatements } from '../../../test/support/plans/watch-statements.ts'
import { startSimulator } from '../../../tools/simulator/start.ts'
import { serveKontor, type Server } from '../../children.ts'
import type { BenchOptions } from '../../options.ts'
import { registerProvider, untilPublished, type Catalog } from '../../register.ts'
import type { GrowthOfInstances } from './stage.ts'

export interface PlanCheck {
  readonly statements: number
  /** What reads more rows when there are more: its step, its scans and its text. */
  readonly growing: readonly string[]
}

/** For a stage whose Kontor with many rows has stopped. */
export async function checkPlans(
  stage: GrowthOfInstances,
  options: BenchOptions,
): Promise<PlanCheck> {
  const closers: Array<() => unknown> = []
  const t = { teardown: (close: () => unknown) => void closers.unshift(close) }
  const [, environment] = stage.environments
  try {
    const way = await watchStatements(t, environment.DATABASE_URL)
    const log = join(stage.folder, 'plans.log')
    const kontor = await serveKontor(options.kontor, { ...environment, DATABASE_URL: way.url }, log)
    t.teardown(() => kontor.stop())
    const provider = await addProvider(stage, kontor)
    t.teardown(() => provider.simulator.stop())
    const statements = await sendHotRequests({
      call: caller(kontor.url, stage.headers),
      admin: caller(kontor.url, { authorization: `Bearer ${stage.adminToken}` }),
      ...provider,
      take: way.take,
    })
    const client = new pg.Client({ connectionString: environment.DATABASE_URL })
    await client.connect()
    t.teardown(() => client.end())
    const small = await findSmallIndexes(client)
    const growing = new Map<string, string>()
    const texts = new Set<string>()
    for (const [step, sent] of statements)
      for (const statement of sent) {
        const keeps = keepsGates(step)
        // Where many fit, a walk ends at the first page.
        if (texts.has(`${keeps} ${statement.text}`) || step.includes('=2101')) continue
        texts.add(`${keeps} ${statement.text}`)
        const bad = (await scansOf(client, statement)).filter((scan) => grows(scan, small, keeps))
        if (bad.length === 0) continue
        const text = statement.text.replaceAll(/\s+/g, ' ')
        growing.set(text, `${step}: ${describeScans(bad).join(', ')}: ${text.slice(0, 500)}`)
      }
    return { statements: texts.size, growing: [...growing.values()] }
  } finally {
    for (const close of closers) await close()
  }
}

type Provider = Pick<HotKontor, 'sync' | 'async' | 'breakNextProvision'> & {
  readonly simulator: Awaited<ReturnType<typeof startSimulator>>
}

async function addProvider(stage: GrowthOfInstances, { url }: Server): Promise<Provider> {
  const credentials = { username: 'kontor', password: 'bench-plans' }
  const slow = { mode: 'async', provisionSeconds: 0.3 } as const
  const simulator = await startSimulator({
    catalog: catalogOf('plans'),
    provider: 'plans',
    ...credentials,
    behaviours: { '*': { mode: 'sync' }, 'plans-app': slow },
  })
  const before = await untilPublished(url, stage.headers)
  await registerProvider(url, stage.adminToken, { name: 'plans', url: simulator.url, credentials })
  const after = await untilPublished(url, stage.headers, before.services.length + 2)
  const idsOf = (name: string) => {
    const services = after.services as ReadonlyArray<Catalog['services'][number] & { name: string }>
    const found = services.find((service) => service.name === `plans-${name}`)
    return { service_id: found?.id ?? '', plan_id: found?.plans[0]?.id ?? '' }
  }
  return {
    simulator,
    sync: idsOf('db'),
    async: idsOf('app'),
    breakNextProvision: () =>
      simulator.faults.add({ on: 'provision', when: 'after', do: { closeConnection: true } }),
  }
}

function caller(url: string, headers: Readonly<Record<string, string>>): HotKontor['call'] {
  return async (method, path, body) => {
    const reply = await request(`${url}${path}`, {
      method: method as 'GET',
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await reply.body.text()
    const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : undefined
    return { status: reply.statusCode, headers: reply.headers, text, body: parsed }
  }
}
