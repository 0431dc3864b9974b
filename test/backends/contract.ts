// What every back end must do. A new back end is finished when this suite passes for it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type {
  Backend,
  BindingRef,
  InstanceRef,
  Outcome,
  Progress,
} from '../../src/backends/backend.ts'

export interface Subject {
  readonly backend: Backend
  /** A service of the catalog; its instances can be created and, if `bindable`, bound. */
  readonly serviceId: string
  readonly planId: string
  readonly bindable: boolean
  /** A plan of the same service that an instance can change to. */
  readonly otherPlanId?: string
  /** What must never appear in a description: passwords, tokens, host names. */
  readonly secrets: readonly string[]
  /** Stops the provider: from now on no call can reach it. */
  readonly unplug: () => Promise<void>
}

export type MakeBackend = (t: Test) => Promise<Subject>

const never = new AbortController().signal
const common = { acceptsIncomplete: true, requestIdentity: 'contract' }
const maxPolls = 500

export async function backendContract(t: Test, makeBackend: MakeBackend): Promise<void> {
  await t.test('the catalog can be read again with its own validators', (t) =>
    catalogIsRead(t, makeBackend),
  )
  await t.test('an instance lives from provision to deprovision', (t) =>
    instanceLives(t, makeBackend),
  )
  await t.test('a binding is created, carries its data and is removed', (t) =>
    bindingLives(t, makeBackend),
  )
  await t.test('removing what does not exist is done', (t) => absentIsRemoved(t, makeBackend))
  await t.test('a question about what does not exist never finds it', (t) =>
    absentIsAsked(t, makeBackend),
  )
  await t.test('an impossible order is refused, not thrown', (t) =>
    nonsenseIsRefused(t, makeBackend),
  )
  await t.test('a synchronous order is never pending', (t) => waitingIsOptional(t, makeBackend))
  await t.test('an aborted signal ends a call before it begins', (t) => abortEnds(t, makeBackend))
  await t.test('an unreachable provider is an outcome, not an exception', (t) =>
    absenceIsAnOutcome(t, makeBackend),
  )
  await t.test('close can be called twice', async (t) => {
    const { backend } = await makeBackend(t)
    await backend.close()
    await t.resolves(backend.close())
  })
}

async function catalogIsRead(t: Test, makeBackend: MakeBackend): Promise<void> {
  const { backend, serviceId } = await makeBackend(t)
  const first = await backend.catalog(undefined, never)
  if (first.kind !== 'changed') return void t.fail(`the catalog is ${first.kind}`)
  t.equal(
    servicesOf(first.body).filter(
      (service) => (service as { id?: unknown } | null)?.id === serviceId,
    ).length,
    1,
  )
  const again = await backend.catalog(first.validators, never)
  t.ok(again.kind === 'unchanged' || again.kind === 'changed', again.kind)
}

// By contract it is bytes that are not checked.
function servicesOf(body: readonly Uint8Array[]): readonly unknown[] {
  return (JSON.parse(Buffer.concat(body).toString()) as { services: unknown[] }).services
}

async function instanceLives(t: Test, makeBackend: MakeBackend): Promise<void> {
  const subject = await makeBackend(t)
  const { backend, otherPlanId } = subject
  const instance = await provisioned(t, subject)
  const fetched = await backend.fetchInstance(instance, never)
  t.ok(fetched.kind === 'found' || fetched.kind === 'unsupported', fetched.kind)
  if (otherPlanId !== undefined) {
    // A plan change is polled with the plan before it (POLL-06), and deleted with the plan after it
    // (UNB-14).
    t.equal(
      await settle(
        backend,
        instance,
        await backend.update({ ...instance, ...common, newPlanId: otherPlanId }, never),
      ),
      'succeeded',
    )
  }
  const last = { ...instance, planId: otherPlanId ?? instance.planId }
  t.match(
    await settle(backend, last, await backend.deprovision({ ...last, ...common }, never)),
    /^(succeeded|gone)$/,
  )
  t.match(
    await settle(backend, last, await backend.deprovision({ ...last, ...common }, never)),
    /^(succeeded|gone)$/,
    'a second time',
  )
  const after = await backend.fetchInstance(last, never)
  t.ok(after.kind === 'missing' || after.kind === 'unsupported', after.kind)
}

async function bindingLives(t: Test, makeBackend: MakeBackend): Promise<void> {
  const subject = await makeBackend(t)
  if (!subject.bindable) return
  const { backend } = subject
  const instance = await provisioned(t, subject)
  const binding: BindingRef = { ...instance, bindingId: crypto.randomUUID() }
  const outcome = await backend.bind(
    { ...binding, ...common, appGuid: 'app-1', bindResource: { app_guid: 'app-1' } },
    never,
  )
  t.equal(await settle(backend, instance, outcome, binding.bindingId), 'succeeded')
  if (outcome.kind === 'pending')
    t.match(await backend.fetchBinding(binding, never), { kind: 'found' })
  t.match(
    await settle(
      backend,
      instance,
      await backend.unbind({ ...binding, ...common }, never),
      binding.bindingId,
    ),
    /^(succeeded|gone)$/,
  )
  t.match(
    await settle(
      backend,
      instance,
      await backend.unbind({ ...binding, ...common }, never),
      binding.bindingId,
    ),
    /^(succeeded|gone)$/,
    'a second time',
  )
}

async function absentIsRemoved(t: Test, makeBackend: MakeBackend): Promise<void> {
  const subject = await makeBackend(t)
  const instance = newInstance(subject)
  t.match(await subject.backend.deprovision({ ...instance, ...common }, never), { kind: 'done' })
  if (subject.bindable)
    t.match(
      await subject.backend.unbind(
        { ...instance, ...common, bindingId: crypto.randomUUID() },
        never,
      ),
      { kind: 'done' },
    )
}

async function absentIsAsked(t: Test, makeBackend: MakeBackend): Promise<void> {
  const subject = await makeBackend(t)
  const instance = newInstance(subject)
  t.not((await subject.backend.fetchInstance(instance, never)).kind, 'found')
  t.not(
    (await subject.backend.fetchBinding({ ...instance, bindingId: crypto.randomUUID() }, never))
      .kind,
    'found',
  )
  t.not((await subject.backend.progress({ instance }, never)).kind, 'succeeded')
}

async function nonsenseIsRefused(t: Test, makeBackend: MakeBackend): Promise<void> {
  const subject = await makeBackend(t)
  const instance = { ...newInstance(subject), planId: 'there-is-no-such-plan' }
  const outcome = await subject.backend.provision(
    { ...instance, ...common, organizationGuid: 'o', spaceGuid: 's' },
    never,
  )
  t.match(outcome, { kind: 'refused', refusal: { description: /\S/ } })
  keepsSecrets(t, subject, outcome)
}

async function waitingIsOptional(t: Test, makeBackend: MakeBackend): Promise<void> {
  const subject = await makeBackend(t)
  const outcome = await subject.backend.provision(
    { ...newInstance(subject), organizationGuid: 'o', spaceGuid: 's', acceptsIncomplete: false },
    never,
  )
  t.not(outcome.kind, 'pending')
  if (outcome.kind === 'refused') t.equal(outcome.refusal.reason, 'async_required')
}

async function abortEnds(t: Test, makeBackend: MakeBackend): Promise<void> {
  const subject = await makeBackend(t)
  const instance = newInstance(subject)
  const outcome = await subject.backend.provision(
    { ...instance, ...common, organizationGuid: 'o', spaceGuid: 's' },
    AbortSignal.abort(),
  )
  t.match(outcome, { kind: 'refused', refusal: { reason: 'not_sent' } })
  t.not((await subject.backend.fetchInstance(instance, never)).kind, 'found')
}

async function absenceIsAnOutcome(t: Test, makeBackend: MakeBackend): Promise<void> {
  const subject = await makeBackend(t)
  const { backend } = subject
  const instance = newInstance(subject)
  const binding: BindingRef = { ...instance, bindingId: crypto.randomUUID() }
  await subject.unplug()
  const changing = await Promise.all([
    backend.provision({ ...instance, ...common, organizationGuid: 'o', spaceGuid: 's' }, never),
    backend.update({ ...instance, ...common }, never),
    backend.deprovision({ ...instance, ...common }, never),
    backend.bind({ ...binding, ...common }, never),
    backend.unbind({ ...binding, ...common }, never),
  ])
  for (const outcome of changing)
    t.ok(
      outcome.kind === 'unknown' ||
        (outcome.kind === 'refused' && outcome.refusal.reason === 'not_sent'),
      outcome.kind,
    )
  const asking = await Promise.all([
    backend.progress({ instance }, never),
    backend.fetchInstance(instance, never),
    backend.fetchBinding(binding, never),
  ])
  for (const answer of asking)
    t.ok(answer.kind === 'unclear' || answer.kind === 'unsupported', answer.kind)
  const catalog = await backend.catalog(undefined, never)
  t.equal(catalog.kind, 'failed')
  keepsSecrets(t, subject, [changing, asking, catalog])
}

function newInstance({ serviceId, planId }: Subject): InstanceRef {
  return { instanceId: crypto.randomUUID(), serviceId, planId }
}

async function provisioned(t: Test, subject: Subject): Promise<InstanceRef> {
  const instance = newInstance(subject)
  const outcome = await subject.backend.provision(
    { ...instance, ...common, organizationGuid: 'o', spaceGuid: 's' },
    never,
  )
  t.equal(await settle(subject.backend, instance, outcome), 'succeeded')
  return instance
}

/**
 * Polls a pending outcome to its end, and fails if there is none before the test's own time limit.
 */
async function settle(
  backend: Backend,
  instance: InstanceRef,
  outcome: Outcome<unknown>,
  bindingId?: string,
): Promise<string> {
  if (outcome.kind === 'done') return 'succeeded'
  if (outcome.kind !== 'pending') return JSON.stringify(outcome)
  const query = {
    instance,
    ...(bindingId === undefined ? {} : { bindingId }),
    ...(outcome.operation === undefined ? {} : { operation: outcome.operation }),
  }
  let progress: Progress = { kind: 'running' }
  for (let nth = 0; nth < maxPolls && progress.kind === 'running'; nth++) {
    await sleep(10)
    progress = await backend.progress(query, never)
  }
  return progress.kind
}

function keepsSecrets(t: Test, { secrets }: Subject, answer: unknown): void {
  const text = JSON.stringify(answer)
  for (const secret of secrets) t.notOk(text.includes(secret), 'no secret in an answer')
}
