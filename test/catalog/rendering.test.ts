// Catalogs are written for Cloud Foundry in a worker thread.
import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Worker } from 'node:worker_threads'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { request } from 'undici'
import { planForCloudFoundry } from '../../src/catalog/cloud-foundry/fit-plan.ts'
import type { CloudFoundryLimits } from '../../src/catalog/rendering/cloud-foundry.ts'
import { createDialects } from '../../src/catalog/rendering/dialects.ts'
import type { CatalogPart, CatalogPlan } from '../../src/catalog/snapshot.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { catalogOf } from '../support/catalogs.ts'
import { startKontor, until } from '../support/kontor.ts'
import { longestStep } from '../support/longest-step.ts'

const workers: Worker[] = []
let onStart: (worker: Worker) => unknown = () => {}
const watch = (worker: Worker): void => {
  workers.push(worker)
  onStart(worker)
}
process.on('worker', watch)
// Other test files run in this process, too.
t.teardown(() => process.off('worker', watch))
async function endThreads(): Promise<void> {
  for (const worker of workers.splice(0)) await worker.terminate()
}

const kontor = await startKontor(t)
const { catalog } = kontor.running.runtime
const { view: nord, simulator } = await kontor.addProvider('nord')
const { view: sued } = await kontor.addProvider('sued')
const part = (id: string) => catalog.current().parts.find(({ providerId }) => providerId === id)

/** @returns the headers of a platform */
async function createPlatform(name: string, kind?: string): Promise<Record<string, string>> {
  await kontor.admin('POST', '/api/platforms', kind === undefined ? { name } : { name, kind })
  const { status, body, text } = await kontor.admin('POST', `/api/platforms/${name}/credentials`, {
    kind: 'basic',
  })
  if (status !== 201) throw new Error(text)
  return {
    authorization: basicAuth(body.username, body.password),
    'x-broker-api-version': '2.17',
  }
}

/** A parameter schema that takes long to rewrite: each of its parts refers to the next one. */
const slowSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  allOf: [{ $ref: '#/definitions/0' }],
  definitions: Object.fromEntries(
    Array.from({ length: 1_740 }, (_, at) => [
      `${at}`,
      at === 1_739 ? { const: 1 } : { $ref: `#/definitions/${at + 1}` },
    ]),
  ),
}
const quickSchema = { ...slowSchema, definitions: { 0: { const: 1 } } }

async function publish(
  description: string,
  parameters: object,
  others: readonly object[] = [],
): Promise<void> {
  const schemas = {
    service_instance: { create: { parameters }, update: { parameters } },
    service_binding: { create: { parameters } },
  }
  const plans = [{ id: 'slow', name: 'slow', description, schemas }, ...others]
  const [database] = catalogOf('nord').services
  simulator.setCatalog({ services: [{ ...database, plans }] } as never)
  const { status } = await kontor.admin('POST', `/api/providers/${nord.id}/refresh`)
  if (status !== 200) throw new Error(`refreshed: ${status}`)
}

interface WrittenService {
  readonly plans: ReadonlyArray<Record<string, unknown>>
}

/** The catalog for Cloud Foundry, written in one go. */
function forCloudFoundry(text: string): string {
  const { services: all } = JSON.parse(text) as { services: readonly WrittenService[] }
  const fitted = all.map((one) => ({ ...one, plans: one.plans.map(planForCloudFoundry) }))
  return JSON.stringify({ services: fitted })
}

t.test('a catalog is written for Cloud Foundry without holding up the event loop', async (t) => {
  const standard = await createPlatform('standard')
  const cloudFoundry = await createPlatform('written', 'cloudfoundry')
  const large = Array.from({ length: 32 }, (_, at) => ({
    id: `large-${at}`,
    name: `large-${at}`,
    description: 'Of 240 kB',
    metadata: { text: randomBytes(180_000).toString('base64') },
  }))
  const get = async (headers: Record<string, string>) => {
    const { body } = await request(`${kontor.url}/v2/catalog`, { headers })
    return Buffer.from(await body.arrayBuffer())
  }
  await publish('written', slowSchema, large)
  const none = Buffer.alloc(0)
  let [plain, zipped, written] = [none, none, none]
  const longest = await longestStep(async () => {
    plain = await get(standard)
    zipped = await get({ ...standard, 'accept-encoding': 'gzip' })
    written = await get(cloudFoundry)
  })
  t.ok(longest < 50, `a step takes at most ${longest} ms for an offering of ${plain.length} bytes`)
  t.ok(gunzipSync(zipped).equals(plain))
  t.ok(written.toString() === forCloudFoundry(plain.toString()), 'every byte is right')
  t.ok(written.includes('draft-04'))
})

t.test('a thread that dies is replaced, and meanwhile the last good part is served', async (t) => {
  const cloudFoundry = await createPlatform('served', 'cloudfoundry')
  const descriptionNow = async () => {
    const { statusCode, body } = await request(`${kontor.url}/v2/catalog`, {
      headers: cloudFoundry,
    })
    const { services } = (await body.json()) as { services: readonly WrittenService[] }
    const [plan] = services[0]?.plans ?? []
    return [statusCode, services.length, plan?.['description'], Boolean(plan?.['schemas'])] as const
  }
  const written = (description: string) => until(descriptionNow, ([, , now]) => now === description)
  await publish('first', quickSchema)
  await written('first')

  await t.test('at its work: the plans are written by the next one', async (t) => {
    await endThreads()
    let dying = 0
    onStart = (worker) => {
      // The first one reads the catalog, the second one writes it.
      if (workers.length !== 2) return
      dying++
      worker.once('message', () => void worker.terminate())
    }
    await publish('second', quickSchema)
    t.strictSame(await written('second'), [200, 3, 'second', true])
    t.strictSame([dying, workers.length], [1, 3])
  })

  await t.test('whenever it starts: nothing waits for it', async (t) => {
    await endThreads()
    onStart = (worker) => workers.length > 1 && worker.terminate()
    await publish('third', quickSchema)
    t.strictSame(await descriptionNow(), [200, 3, 'second', true])
    onStart = () => {}
    t.strictSame(await written('third'), [200, 3, 'third', true])
  })

  await t.test('whenever it works: plans are missing, counted, and found at once', async (t) => {
    await endThreads()
    onStart = (worker) =>
      workers.length > 1 && worker.once('message', () => void worker.terminate())
    // Nothing asks for the catalog: it is written when it changes.
    await publish('fourth', quickSchema)
    const findings = async (): Promise<Array<Record<string, unknown>>> =>
      (await kontor.admin('GET', `/api/providers/${nord.id}`)).body.catalog.findings
    const problem =
      'Platforms of Cloud Foundry do not get these plans, because Kontor cannot write them for ' +
      'these platforms: "slow" of "nord-db".'
    t.strictSame(await until(findings, ({ length }) => length > 0), [
      { path: '/services', problem, effect: 'note' },
    ])
    onStart = () => {}
    const { text } = await kontor.admin('GET', '/metrics')
    t.match(text, 'kontor_catalog_plans_unwritable_total{provider="nord",effect="not_written"} 1\n')

    await t.test('and stay found when only what is withheld changes', async (t) => {
      const faulty = Array.from({ length: 150 }, (_, at) => ({ id: `${at}` }))
      await publish('fourth', quickSchema, faulty)
      const found = await until(findings, (all) => all.some((one) => one['problem'] === problem))
      t.equal(found.length, 102, 'beside as many as are kept')
    })

    await t.test('until the catalog changes', async (t) => {
      await publish('fifth', quickSchema)
      t.strictSame(await written('fifth'), [200, 3, 'fifth', true])
      t.strictSame(await findings(), [])
    })
  })
})

/** A dialect with a thread of its own. */
function dialectWith(t: Test, limits: Partial<CloudFoundryLimits> = {}) {
  const faults: string[] = []
  const faultyParts: string[] = []
  const dialects = createDialects({
    limits,
    onFaulty: (plan, effect) => faults.push(`${plan.name}: ${effect}`),
    onFaultyPart: (providerId, { size }) => faultyParts.push(`${providerId}: ${size}`),
    onOutdated: (providerId) => faults.push(`${providerId} is outdated`),
    onError: (error) => faults.push(String(error)),
  })
  const close = () => dialects.close()
  t.teardown(close)
  const dialect = dialects.of('cloudfoundry')
  const writable = async (...parts: readonly CatalogPart[]) => dialect.writable(parts)
  const prepare = async (...parts: readonly CatalogPart[]) => dialects.prepare(parts)
  return { dialect, writable, prepare, faults, faultyParts, close }
}

/** A part with a plan for each parameter schema; slow ones go to the thread one by one. */
function partWith(providerId: string, ...schemas: readonly object[]): CatalogPart {
  const [template] = part(sued.id)?.plans.values() ?? []
  if (template === undefined) throw new Error('There is no plan.')
  const plans = schemas.map((parameters, at): CatalogPlan => {
    const name = `${at}`
    const create = { create: { parameters } }
    const body = { id: name, name, schemas: { service_instance: create, service_binding: create } }
    return { ...template, id: name, name, text: Buffer.from(JSON.stringify(body)) }
  })
  return {
    providerId,
    offerings: new Map(),
    plans: new Map(plans.map((each) => [each.id, each])),
    incomplete: [],
  }
}

t.test('a provider whose plans take too long to write has the rest without schemas', async (t) => {
  const { dialect, faults, faultyParts } = dialectWith(t, { partCpuMs: 20 })
  const before = workers.length
  const slow = partWith('slow', slowSchema, slowSchema, slowSchema, slowSchema)
  await dialect.writable([slow])
  t.strictSame(
    faults,
    [0, 1, 2, 3].map((at) => `${at}: schemas omitted`),
  )
  t.strictSame(faultyParts, ['slow: 4'], 'which is said once of all of them')
  t.equal(workers.length - before, 2, 'one thread ran too long, once')
  const more = part(sued.id)?.plans ?? []
  await dialect.writable([{ ...slow, plans: new Map([...slow.plans, ...more]) }])
  t.strictSame(faultyParts, ['slow: 4', 'slow: 4'], 'as when another plan of it changes')
  t.equal(faults.length, 4)
})

t.test('a changed part is written before a request, if there was one lately', async (t) => {
  const [first, next] = [partWith('ahead', quickSchema), partWith('ahead', quickSchema)]
  const asked = dialectWith(t)
  await asked.writable(first)
  await asked.prepare(next)
  const [plan] = next.plans.values()
  await until(
    () => plan && asked.dialect.planText(plan),
    (text) => text !== undefined,
  )
  const before = workers.length
  const forgotten = dialectWith(t, { aheadMs: 0 })
  await forgotten.writable()
  const control = dialectWith(t)
  await control.writable()
  for (const { prepare } of [dialectWith(t), forgotten, control]) await prepare(next)
  await until(
    () => plan && control.dialect.planText(plan),
    (text) => text !== undefined,
  )
  t.equal(workers.length - before, 1, 'no thread starts for what is not asked for')
})

t.test('a new provider is waited for, and never left out', async (t) => {
  const quick = partWith('quick', quickSchema)
  const slow = partWith('new', ...Array<object>(4).fill(slowSchema))
  const { writable, faults } = dialectWith(t, { firstWaitMs: 100 })
  await until(
    () => writable(quick).catch(() => []),
    (parts) => parts[0] === quick,
  )
  await t.rejects(writable(quick, slow), {
    code: 'unavailable',
    details: { retryAfterSeconds: 10 },
  })
  t.strictSame(await writable(quick), [quick])
  await until(
    () => writable(quick, slow).catch(() => []),
    (parts) => parts[1] === slow,
  )
  t.strictSame(faults, [])
})

t.test('a changed provider is waited for, and its part of before served after all', async (t) => {
  const [first, next] = [partWith('changed', quickSchema), partWith('changed', slowSchema)]
  const patient = dialectWith(t)
  const hasty = dialectWith(t, { waitMs: 1 })
  for (const { writable } of [patient, hasty]) t.strictSame(await writable(first), [first])
  t.strictSame(await patient.writable(next), [next])
  for (let n = 0; n < 2; n++) t.strictSame(await hasty.writable(next), [first])
  t.strictSame(hasty.faults, ['changed is outdated'], 'which is said once')
})

t.test('a part is no longer written when a later one has replaced it', async (t) => {
  const { dialect, writable } = dialectWith(t, { waitMs: 1 })
  const many = partWith('busy', slowSchema, slowSchema, slowSchema)
  const [one, next] = [partWith('busy', slowSchema), partWith('busy', quickSchema)]
  const writing = writable(many)
  t.strictSame(await writable(next), [next])
  t.strictSame(await writing, [next], 'the requests of before get it, too')
  const last = many.plans.get('2')
  t.equal(last && dialect.planText(last), undefined)

  await t.test('though it ends later', async (t) => {
    const bare = { ...next, plans: new Map() }
    const { writable: change, dialect: other } = dialectWith(t, { waitMs: 1 })
    const ending = change(one)
    t.strictSame(await change(bare), [bare])
    t.strictSame(await ending, [bare])
    const [plan] = one.plans.values()
    await until(
      () => plan && other.planText(plan),
      (text) => text !== undefined,
    )
    t.strictSame(await change(many), [bare])
  })
})

t.test('the parts of providers that were removed are forgotten', async (t) => {
  const { writable } = dialectWith(t)
  const kept = partWith('kept', quickSchema)
  const removed = await (async () => {
    const parts = [kept, partWith('removed', quickSchema)] as const
    t.strictSame(await writable(...parts), parts)
    return new WeakRef(parts[1])
  })()
  t.strictSame(await writable(kept), [kept])
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await until(
    () => {
      collect()
      return removed.deref()
    },
    (part) => part === undefined,
    5_000,
  )
})

t.test('the end of the process is no error', async (t) => {
  const { writable, close, faults } = dialectWith(t)
  await writable(partWith('quick', quickSchema))
  const writing = writable(partWith('ending', slowSchema))
  const ended = t.rejects(writing, { code: 'unavailable' })
  await close()
  await ended
  t.strictSame(faults, [])
})

t.test('a plan that takes too long to write has no schemas', async (t) => {
  await publish('too long', slowSchema)
  const parts = [part(nord.id), part(sued.id)].filter((each) => each !== undefined)
  const { dialect, faults } = dialectWith(t, { cpuMs: 20 })
  t.strictSame(await dialect.writable(parts), parts)
  t.strictSame(faults, ['slow: schemas omitted'])
  const published = parts
    .flatMap(({ plans }) => [...plans.values()])
    .filter(({ isPublished }) => isPublished)
  t.strictSame(
    published.map((plan) => dialect.planText(plan)?.includes('schemas')),
    Array(4).fill(false),
  )
  onStart = (worker) => worker.terminate()
  await t.rejects(dialectWith(t).writable(...parts), { code: 'unavailable' })
})
