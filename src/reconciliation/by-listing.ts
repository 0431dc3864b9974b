// For providers that list what they hold: what we hold and is not listed, what is listed and we do not hold.
import type { BindingRef, ListedInstance } from '../backends/backend.ts'
import { ask, eachOf } from './ask.ts'
import { different, shortened, type Difference } from './compare.ts'
import { offeringFacts, type Surveying } from './deps.ts'
import type { Suspicion } from './finding.ts'
import { bindingsOf, instancesOf } from './held.ts'
import { pagesOf } from './pages.ts'
import type { Survey } from './survey.ts'
import { surveyUnknown } from './unknown.ts'

/** What is kept in memory of an instance or a binding of ours while the listing is read. */
interface Held {
  readonly of: Omit<Suspicion, 'kind' | 'details'>
  readonly ref: Omit<BindingRef, 'bindingId'>
  readonly offeringId: string
  listed: boolean
  /** Of an instance: whether its bindings were listed with it. */
  bindingsTold: boolean
}

/** By the provider's own ids. */
interface Holdings { readonly instances: ReadonlyMap<string, Held>, readonly bindings: ReadonlyMap<string, Held> }

export async function surveyByListing (surveying: Surveying, survey: Survey): Promise<void> {
  // Ours first: what is made while the listing is read may stand in it or not, and says nothing.
  const holdings = await readHoldings(surveying)
  for await (const listed of pagesOf(surveying)) {
    for (const each of listed) hold(survey, holdings, each)
    await surveyUnknown(surveying, survey, listed, holdings)
  }
  for (const held of [holdings.instances, holdings.bindings]) {
    await eachOf(held.values(), surveying.width, async (each) => {
      if (each.listed) return
      // Bindings that are not told are not missing.
      if (holdings.instances.get(each.ref.instanceId)?.bindingsTold === false) survey.skipped()
      else await confirm(surveying, survey, each)
    })
  }
}

async function readHoldings ({ deps: { db }, providerId }: Surveying): Promise<Holdings> {
  const [instances, bindings] = [new Map<string, Held>(), new Map<string, Held>()]
  for await (const page of instancesOf(db, providerId)) {
    for (const { instance: { key, upstreamId, upstreamServiceId: serviceId, upstreamPlanId: planId, offeringId }, changedAt } of page) {
      const of = { object: 'instance', upstreamId, upstreamInstanceId: upstreamId, ours: { key, changedAt } } as const
      instances.set(upstreamId, { of, ref: { instanceId: upstreamId, serviceId, planId }, offeringId, listed: false, bindingsTold: true })
    }
    for await (const some of bindingsOf(db, page)) {
      for (const { instance: { upstreamId: instanceId, upstreamServiceId: serviceId, upstreamPlanId: planId, offeringId }, bound: { binding: { key, upstreamId }, changedAt } } of some) {
        const of = { object: 'binding', upstreamId, upstreamInstanceId: instanceId, ours: { key, changedAt } } as const
        bindings.set(upstreamId, { of, ref: { instanceId, serviceId, planId }, offeringId, listed: false, bindingsTold: true })
      }
    }
  }
  return { instances, bindings }
}

function hold (survey: Survey, { instances, bindings }: Holdings, { instanceId, serviceId, planId, bindingIds }: ListedInstance): void {
  const held = instances.get(instanceId)
  if (held !== undefined) {
    held.listed = true
    judge(survey, held, [['service_id', 'serviceId', held.ref.serviceId, serviceId], ['plan_id', 'planId', held.ref.planId, planId]])
    held.bindingsTold = bindingIds !== undefined
  }
  for (const bindingId of bindingIds ?? []) {
    const binding = bindings.get(bindingId)
    if (binding === undefined) continue
    binding.listed = true
    judge(survey, binding, [['instance_id', 'instanceId', binding.ref.instanceId, instanceId]])
  }
}

function judge (survey: Survey, { of }: Held, compared: ReadonlyArray<readonly [field: string, name: keyof Difference['ours'], ours: string, theirs: string | undefined]>): void {
  survey.judged(of.object, of.upstreamId)
  const differing = compared.filter(([, , ours, theirs]) => theirs !== undefined && theirs !== ours)
  if (differing.length === 0) return
  survey.suspect(different(of, {
    fields: differing.map(([field]) => field),
    ours: Object.fromEntries(differing.map(([, name, ours]) => [name, ours])),
    theirs: Object.fromEntries(differing.map(([, name, , theirs]) => [name, shortened(theirs ?? '')])),
    evidence: undefined
  }))
}

/** A page may shift while something else goes; where the provider can be asked, it has the last word. */
async function confirm ({ deps, providerId, signal }: Surveying, survey: Survey, { of, ref, offeringId }: Held): Promise<void> {
  const { instancesRetrievable, bindingsRetrievable, requires } = offeringFacts(deps, offeringId)
  if (of.object === 'instance' ? instancesRetrievable : bindingsRetrievable) {
    const fetched = await ask(deps, providerId, signal, async ({ backend }) => of.object === 'instance'
      ? backend.fetchInstance(ref, signal)
      : backend.fetchBinding({ ...ref, bindingId: of.upstreamId, requires }, signal))
    if (fetched.kind === 'unclear') return survey.unclear(fetched.description)
    if (fetched.kind === 'busy') return survey.skipped()
    if (fetched.kind === 'found' || fetched.kind === 'invalid') return survey.judged(of.object, of.upstreamId)
  }
  survey.judged(of.object, of.upstreamId)
  survey.suspect({ ...of, kind: 'missing', details: { text: `The provider lists no such ${of.object}.` } })
}
