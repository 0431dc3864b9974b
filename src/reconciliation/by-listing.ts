// For providers that list what they hold: what we hold and is not listed, what is listed and we do not hold.
import type { ListedInstance } from '../backends/backend.ts'
import { ask, eachOf } from './ask.ts'
import { different, shortened, type Difference } from './compare.ts'
import { offeringFacts, type Surveying } from './deps.ts'
import type { Suspicion } from './finding.ts'
import { readHoldings, type Held, type Holdings } from './holdings.ts'
import { pagesOf } from './pages.ts'
import type { Survey } from './survey.ts'
import { surveyUnknown } from './unknown.ts'

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
      if (holdings.instances.get(each.instanceId)?.bindingsTold === false) survey.skipped()
      else await confirm(surveying, survey, each)
    })
  }
}

function suspectedOf ({ object, upstreamId, instanceId, key, changedAtMs }: Held): Omit<Suspicion, 'kind' | 'details'> {
  return { object, upstreamId, upstreamInstanceId: instanceId, ours: { key, changedAt: new Date(changedAtMs) } }
}

function hold (survey: Survey, { instances, bindings }: Holdings, { instanceId, serviceId, planId, bindingIds }: ListedInstance): void {
  const held = instances.get(instanceId)
  if (held !== undefined) {
    held.listed = true
    judge(survey, held, [['service_id', 'serviceId', held.serviceId, serviceId], ['plan_id', 'planId', held.planId, planId]])
    held.bindingsTold = bindingIds !== undefined
  }
  for (const bindingId of bindingIds ?? []) {
    const binding = bindings.get(bindingId)
    if (binding === undefined) continue
    binding.listed = true
    judge(survey, binding, [['instance_id', 'instanceId', binding.instanceId, instanceId]])
  }
}

function judge (survey: Survey, held: Held, compared: ReadonlyArray<readonly [field: string, name: keyof Difference['ours'], ours: string, theirs: string | undefined]>): void {
  survey.judged(held.object, held.upstreamId)
  const differing = compared.filter(([, , ours, theirs]) => theirs !== undefined && theirs !== ours)
  if (differing.length === 0) return
  survey.suspect(different(suspectedOf(held), {
    fields: differing.map(([field]) => field),
    ours: Object.fromEntries(differing.map(([, name, ours]) => [name, ours])),
    theirs: Object.fromEntries(differing.map(([, name, , theirs]) => [name, shortened(theirs ?? '')])),
    evidence: undefined
  }))
}

/** A page may shift while something else goes; where the provider can be asked, it has the last word. */
async function confirm ({ deps, providerId, signal }: Surveying, survey: Survey, held: Held): Promise<void> {
  const { object, upstreamId, instanceId, serviceId, planId } = held
  const { instancesRetrievable, bindingsRetrievable, requires } = offeringFacts(deps, held.offeringId)
  if (object === 'instance' ? instancesRetrievable : bindingsRetrievable) {
    const ref = { instanceId, serviceId, planId }
    const fetched = await ask(deps, providerId, signal, async ({ backend }) => object === 'instance'
      ? backend.fetchInstance(ref, signal)
      : backend.fetchBinding({ ...ref, bindingId: upstreamId, requires }, signal))
    if (fetched.kind === 'unclear') return survey.unclear(fetched.description)
    if (fetched.kind === 'busy') return survey.skipped()
    if (fetched.kind === 'found' || fetched.kind === 'invalid') return survey.judged(object, upstreamId)
  }
  survey.judged(object, upstreamId)
  survey.suspect({ ...suspectedOf(held), kind: 'missing', details: { text: `The provider lists no such ${object}.` } })
}
