// Random sequences of requests of a platform. After each sequence the platform's view, the
// simulator's state, Kontor's rows and the model of the specification must agree.
//   KONTOR_SEQUENCES=10000          the number of sequences (npm run test:long)
//   KONTOR_SEED=123 KONTOR_PATH=7:2 repeats a failed run; its message names both
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import type {
  OsbCatalog,
  OsbOffering,
  ServiceBehaviour,
  Simulator,
} from '../../tools/simulator/types.ts'
import { correctAccounts } from '../../src/ledger/store.ts'
import { readRows } from '../faults/invariants.ts'
import {
  type Call,
  here,
  manyConnections,
  type Reply,
  startKontor,
  type TestKontor,
  until,
} from '../support/kontor.ts'
import { Model, type Command, type Expected, type Operation, type PlanFacts } from './model.ts'

const sequences = Number(process.env['KONTOR_SEQUENCES'] ?? 60)
const seed = Number(process.env['KONTOR_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const path = process.env['KONTOR_PATH']
// Side by side, because most of the time is spent waiting for the next poll.
const lanes = path === undefined ? 12 : 1
// Longer than any operation of the simulator.
const seconds = 10

t.setTimeout(60_000 + sequences * 1_000)

const plans: Readonly<Record<string, PlanFacts>> = {
  'fast-small': {
    offering: 'fast',
    slow: false,
    slowBinding: false,
    bindable: true,
    updateable: true,
  },
  'fast-large': {
    offering: 'fast',
    slow: false,
    slowBinding: false,
    bindable: true,
    updateable: true,
  },
  'slow-small': {
    offering: 'slow',
    slow: true,
    slowBinding: true,
    bindable: true,
    updateable: true,
  },
  'slow-large': {
    offering: 'slow',
    slow: true,
    slowBinding: true,
    bindable: true,
    updateable: true,
  },
  'mixed-only': {
    offering: 'mixed',
    slow: false,
    slowBinding: true,
    bindable: true,
    updateable: false,
  },
  'mixed-other': {
    offering: 'mixed',
    slow: false,
    slowBinding: true,
    bindable: true,
    updateable: false,
  },
  'plain-only': {
    offering: 'plain',
    slow: false,
    slowBinding: false,
    bindable: false,
    updateable: false,
  },
}

function catalogFor(lane: string): {
  catalog: OsbCatalog
  behaviours: Record<string, ServiceBehaviour>
} {
  const parameters = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: { size: { type: 'number' } },
  }
  const services: OsbOffering[] = []
  const behaviours: Record<string, ServiceBehaviour> = {}
  for (const [name, facts] of Object.entries(plans)) {
    const id = `${lane}-${facts.offering}`
    const plan = {
      id: `${lane}-${name}`,
      name: name.slice(facts.offering.length + 1),
      description: name,
      schemas: {
        service_instance: { create: { parameters }, update: { parameters } },
        service_binding: { create: { parameters } },
      },
    }
    const known = services.find((offering) => offering.id === id)
    if (known !== undefined) known.plans.push(plan)
    else
      services.push({
        id,
        name: facts.offering,
        description: name,
        bindable: facts.bindable,
        plan_updateable: facts.updateable,
        instances_retrievable: true,
        bindings_retrievable: true,
        plans: [plan],
      })
    behaviours[id] = {
      mode: facts.slow ? 'async' : 'sync',
      asyncBinding: facts.slowBinding,
      provisionSeconds: seconds,
      updateSeconds: seconds,
      deprovisionSeconds: seconds,
      bindSeconds: seconds,
      unbindSeconds: seconds,
    }
  }
  return { catalog: { services }, behaviours }
}

// Few ids, so that requests meet each other.
const often = (usual: number, others: readonly number[]) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
const instance = often(0, [1])
const binding = often(0, [1, 2])
// Twice, because these fail in the most ways.
const plan = fc.constantFrom(...Object.keys(plans), 'slow-small', 'slow-large', 'fast-none')
const wait = fc.oneof(
  { weight: 3, arbitrary: fc.constant(true) },
  { weight: 1, arbitrary: fc.constant(false) },
)
const wrong = fc.oneof(
  { weight: 9, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
)
const parameters = fc.constantFrom<Record<string, unknown>[]>(
  {},
  { size: 1 },
  { size: 1 },
  { size: 2 },
  { size: 1, note: 'ä"\\u2028' },
  { size: 'big' },
)

const provision = fc.record(
  { do: fc.constant('provision' as const), instance, plan, parameters, wait },
  { requiredKeys: ['do', 'instance', 'plan', 'wait'] },
)
const changedPlan = fc.constantFrom(
  'fast-large',
  'slow-large',
  'slow-small',
  'mixed-other',
  'fast-none',
)
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: provision },
  {
    weight: 4,
    arbitrary: fc.record(
      { do: fc.constant('update' as const), instance, plan: changedPlan, parameters, wait, wrong },
      { requiredKeys: ['do', 'instance', 'wait'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('deprovision' as const), instance, wait, wrong }),
  },
  {
    weight: 5,
    arbitrary: fc.record(
      { do: fc.constant('bind' as const), instance, binding, parameters, wait, wrong },
      { requiredKeys: ['do', 'instance', 'binding', 'wait'] },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('unbind' as const), instance, binding, wait, wrong }),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      { do: fc.constantFrom('fetch' as const, 'poll' as const), instance, binding },
      { requiredKeys: ['do', 'instance'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stranger' as const), instance }) },
  { weight: 5, arbitrary: fc.constant({ do: 'settle' as const }) },
)
// Most sequences begin with an instance and a binding, without which few requests succeed.
const beginning: fc.Arbitrary<Command[]> = fc
  .constantFrom('slow-small', 'fast-small', 'slow-small', 'mixed-only', 'plain-only')
  .map((first) => [
    { do: 'provision', instance: 0, plan: first, wait: true },
    { do: 'settle' },
    { do: 'bind', instance: 0, binding: 0, wait: true },
    { do: 'settle' },
  ])
const commands = fc
  .tuple(
    beginning,
    fc.integer({ min: 0, max: 4 }),
    fc.array(command, { minLength: 1, maxLength: 18, size: 'max' }),
  )
  .map(([first, most, rest]): Command[] => [...first.slice(0, most), ...rest])

/** How often each kind of request got each kind of answer. */
const met = new Map<string, number>()

/** A data centre with a clock that only the test moves. */
interface Lane {
  readonly kontor: TestKontor
  readonly simulator: Simulator
  readonly stranger: Call
  readonly ids: ReadonlyMap<string, { readonly service_id: string; readonly plan_id: string }>
  readonly name: string
  readonly leftBehind: Set<string>
  advance(): void
}

class Sequence {
  readonly #lane: Lane
  readonly #prefix: string
  readonly #model = new Model(plans)

  constructor(lane: Lane, prefix: string) {
    this.#lane = lane
    this.#prefix = prefix
  }

  async play(commands: readonly Command[]): Promise<void> {
    await this.#play(commands).catch((error: unknown) => {
      // Leftovers of a failed sequence must not fail the shorter ones.
      for (const { instance_id: id } of this.#lane.simulator.state().instances)
        this.#lane.leftBehind.add(id)
      throw error
    })
  }

  async #play(commands: readonly Command[]): Promise<void> {
    for (const [at, each] of commands.entries())
      await this.#step(each, `step ${at} ${JSON.stringify(each)}`)
    await this.#step({ do: 'settle' }, 'at the end')
    for (const id of [0, 1]) {
      await this.#step({ do: 'fetch', instance: id }, `at the end, instance ${id}`)
      for (const key of [0, 1, 2])
        await this.#step(
          { do: 'fetch', instance: id, binding: key },
          `at the end, binding ${key} of ${id}`,
        )
    }
    await this.#compare('at the end')
    const left = Array.from(this.#model.instances.keys())
    for (const id of left)
      await this.#step({ do: 'deprovision', instance: id, wait: true }, `clean-up of ${id}`)
    await this.#step({ do: 'settle' }, 'clean-up')
    await this.#compare('after the clean-up')
  }

  async #step(each: Command, where: string): Promise<void> {
    if (each.do === 'settle') {
      await this.#settle()
      this.#model.judge(each)
      return
    }
    const request = this.#requestOf(each)
    const expected = this.#model.judge(each)
    const reply = await (each.do === 'stranger' ? this.#lane.stranger : this.#lane.kontor.call)(
      ...request,
    )
    compareReply(reply, expected, where, this.#lane.ids)
    const outcome =
      `${each.do} ${reply.status} ${reply.status === 422 ? String(reply.body.error) : ''}${expected.operation?.kind ?? ''}`.trim()
    met.set(outcome, (met.get(outcome) ?? 0) + 1)
  }

  /** Runs before the model's step, because the model holds the instance's current plan. */
  #requestOf(each: Exclude<Command, { do: 'settle' }>): Parameters<Call> {
    const I = `/v2/service_instances/${this.#prefix}-${each.instance}`
    const B = `${I}/service_bindings/${this.#prefix}-b${'binding' in each ? each.binding : ''}`
    const query = 'wait' in each && each.wait ? '?accepts_incomplete=true' : ''
    const ofInstance = this.#idsOf(
      this.#model.instances.get(each.instance)?.plan ?? 'fast-small',
      'wrong' in each && each.wrong === true,
    )
    const extra = 'parameters' in each ? { parameters: each.parameters } : {}
    const ids = `?${new URLSearchParams({ ...ofInstance, ...('wait' in each && each.wait ? { accepts_incomplete: 'true' } : {}) }).toString()}`
    const isOfBinding = 'binding' in each && each.binding !== undefined
    switch (each.do) {
      case 'provision':
        return ['PUT', I + query, { ...this.#idsOf(each.plan), ...here, ...extra }]
      case 'update':
        return [
          'PATCH',
          I + query,
          {
            service_id: ofInstance.service_id,
            ...(each.plan === undefined ? {} : { plan_id: this.#idsOf(each.plan).plan_id }),
            ...extra,
          },
        ]
      case 'deprovision':
        return ['DELETE', I + ids]
      case 'bind':
        return ['PUT', B + query, { ...ofInstance, ...extra }]
      case 'unbind':
        return ['DELETE', B + ids]
      case 'fetch':
      case 'stranger':
        return ['GET', isOfBinding ? B : I]
      case 'poll':
        return ['GET', `${isOfBinding ? B : I}/last_operation`]
      default:
        return each satisfies never
    }
  }

  #idsOf(name: string, isWrong = false): { service_id: string; plan_id: string } {
    const ids = this.#lane.ids.get(name) ?? {
      service_id: this.#lane.ids.get('fast-small')?.service_id ?? '',
      plan_id: 'none',
    }
    return isWrong ? { ...ids, service_id: 'another' } : ids
  }

  /** Advances the data centre's clock until Kontor has no running operation. */
  async #settle(): Promise<void> {
    const keys = [0, 1].map((id) => `${this.#prefix}-${id}`)
    const { db } = this.#lane.kontor.running.runtime
    await until(
      async () => {
        this.#lane.advance()
        return db
          .selectFrom('operations')
          .select(['kind', 'state', 'retries'])
          .where('instance_id', 'in', keys)
          .where('state', 'not in', ['succeeded', 'failed'])
          .execute()
      },
      (open) => open.length === 0,
    )
  }

  async #compare(where: string): Promise<void> {
    const { kontor, simulator, leftBehind } = this.#lane
    const model = this.#model
    const held = simulator.state().instances.filter((each) => !leftBehind.has(each.instance_id))
    const rows = await Promise.all([0, 1].map((id) => readRows(kontor, `${this.#prefix}-${id}`)))
    const ours = rows.flatMap(({ instances }) => instances)
    const wanted = [...model.instances].map(([id, { plan: name, parameters: given }]) => ({
      id: `${this.#prefix}-${id}`,
      plan: `${this.#lane.name}-${name}`,
      parameters: given ?? {},
      bindings: [...model.bindings.values()]
        .filter((each) => each.instance === id)
        .map((each) => JSON.stringify(each.parameters ?? {}))
        .toSorted(),
    }))
    const found = held.map((each) => ({
      id: ours.find((row) => row.upstream_id === each.instance_id)?.instance_id,
      plan: each.plan_id,
      parameters: each.parameters,
      bindings: each.bindings.map((one) => JSON.stringify(one.parameters)).toSorted(),
    }))
    const order = (list: ReadonlyArray<{ id: string | undefined }>) =>
      list.toSorted((a, b) => String(a.id).localeCompare(String(b.id)))
    same(order(found), order(wanted), `${where}: the simulator holds what the model says`)
    same(
      ours.map((row) => `${row.instance_id} ${row.state} ${row.upstream_plan_id}`).toSorted(),
      wanted.map((each) => `${each.id} ready ${each.plan}`).toSorted(),
      `${where}: our rows say the same`,
    )
    same(
      rows
        .flatMap(({ bindings }) => bindings.map((row) => `${row.state} ${row.upstream_id}`))
        .toSorted(),
      held
        .flatMap(({ bindings }) => bindings.map((one) => `${one.state} ${one.binding_id}`))
        .toSorted(),
      `${where}: our bindings are the simulator's`,
    )
    same(simulator.state().duplicates, [], `${where}: nothing was made twice`)
  }
}

function compareReply(
  reply: Reply,
  { status, error, operation, plan: name, body = {} }: Expected,
  where: string,
  ids: Lane['ids'],
): void {
  same(
    [reply.status, reply.status === 422 ? reply.body.error : undefined],
    [status, error],
    `${where}: ${reply.text}`,
  )
  if (status === 202 && operation !== undefined)
    nameOperation(operation, reply.body.operation as string, where)
  if (status >= 400) same(typeof reply.body.description, 'string', `${where}: an error says why`)
  if (name !== undefined)
    same([reply.body.service_id, reply.body.plan_id], Object.values(ids.get(name) ?? {}), where)
  // Absent and empty parameters are equal, and a provider may return either.
  for (const [key, value] of Object.entries(body))
    same(
      key === 'parameters' ? (reply.body[key] ?? {}) : reply.body[key],
      key === 'parameters' ? (value ?? {}) : value,
      `${where}: ${key}`,
    )
}

function nameOperation(operation: Operation, token: string, where: string): void {
  same(typeof token, 'string', `${where}: a 202 names its operation`)
  operation.token ??= token
  same(token, operation.token, `${where}: the same operation`)
}

function same(found: unknown, wanted: unknown, where: string): void {
  if (!isDeepStrictEqual(found, wanted))
    throw new Error(
      `${where}\n  found  ${JSON.stringify(found)}\n  wanted ${JSON.stringify(wanted)}`,
    )
}

async function openLane(kontor: TestKontor, stranger: Call, number: number): Promise<Lane> {
  const name = `lane${number}`
  let clock = Date.now()
  const { simulator } = await kontor.addProvider(name, { ...catalogFor(name), now: () => clock })
  const ids = new Map<string, { service_id: string; plan_id: string }>()
  for (const [each, facts] of Object.entries(plans))
    ids.set(each, await kontor.find(name, facts.offering, each.slice(facts.offering.length + 1)))
  return {
    kontor,
    simulator,
    stranger,
    ids,
    name,
    leftBehind: new Set(),
    advance: () => {
      clock += 2 * seconds * 1_000
    },
  }
}

t.test(
  `${sequences} random sequences of requests, seed ${seed}: our rows, the simulator and the model of the specification agree`,
  async (t) => {
    const kontor = await startKontor(t, {
      environment: { ...manyConnections, KONTOR_INLINE_SECONDS: '20' },
    })
    const stranger = await kontor.newPlatform('stranger')
    const open = await Promise.all(
      Array.from({ length: lanes }, (_each, at) => openLane(kontor, stranger, at)),
    )
    let played = 0
    await Promise.all(
      open.map(async (lane, at) => {
        const run = fc.asyncProperty(commands, async (each) => {
          await new Sequence(lane, `s${at}-${played++}`).play(each)
        })
        const options = {
          numRuns: Math.ceil(sequences / lanes),
          seed: seed + at,
          ...(path === undefined ? {} : { path }),
          endOnFailure: false,
        }
        const outcome = await fc.check(run, options)
        t.notOk(outcome.failed, `lane ${at}`)
        if (outcome.failed)
          t.comment(
            `KONTOR_SEED=${seed + at} KONTOR_PATH=${outcome.counterexamplePath ?? ''} node test/properties/sequences.test.ts\n${JSON.stringify(outcome.counterexample, undefined, 1)}\n${String(outcome.errorInstance)}`,
          )
      }),
    )
    t.comment(
      [...met]
        .map(([what, times]) => `${what}: ${times}`)
        .toSorted()
        .join(', '),
    )
    t.ok(played >= sequences || path !== undefined, `${played} sequences were played`)
    const { db } = kontor.running.runtime
    t.strictSame(await db.transaction().execute(correctAccounts), [], 'the ledger agrees, too')
  },
)
