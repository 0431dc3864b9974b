// For providers with a listing: finds what Kontor has and is not listed, and what is listed and
// Kontor does not have.
import type { ListedInstance } from '../backends/backend.ts'
import { askForBinding, askForInstance } from './ask-for.ts'
import { eachOf } from './ask.ts'
import { different, shortened, type Difference } from './compare.ts'
import type { Surveying } from './deps.ts'
import type { Suspicion } from './finding.ts'
import { bindingNow, instanceNow } from './held.ts'
import { readHoldings, type Held, type Holdings } from './holdings.ts'
import { pagesOf } from './pages.ts'
import type { Survey } from './survey.ts'
import { surveyUnknown } from './unknown.ts'

export async function surveyByListing(surveying: Surveying, survey: Survey): Promise<void> {
  // Before the listing: what is made while it is read may be in it or not, and so must not be
  // judged.
  const holdings = await readHoldings(surveying)
  for await (const listed of pagesOf(surveying)) {
    for (const each of listed) match(survey, holdings, each)
    await surveyUnknown(surveying, survey, listed, holdings)
  }
  for (const held of [holdings.instances, holdings.bindings]) {
    await eachOf(held.values(), surveying.width, async (each) => {
      if (each.listed) return
      // Bindings of an instance that is listed without its bindings are not missing.
      if (holdings.instances.get(each.instanceId)?.bindingsListed === false) survey.skipped()
      else await confirm(surveying, survey, each)
    })
  }
}

function suspectedOf({
  object,
  upstreamId,
  instanceId,
  key,
  changedAtMs,
}: Held): Omit<Suspicion, 'kind' | 'details'> {
  return {
    object,
    upstreamId,
    upstreamInstanceId: instanceId,
    ours: { key, changedAt: new Date(changedAtMs) },
  }
}

function match(
  survey: Survey,
  { instances, bindings }: Holdings,
  { instanceId, serviceId, planId, bindingIds }: ListedInstance,
): void {
  const held = instances.get(instanceId)
  if (held !== undefined) {
    judge(survey, held, [
      ['service_id', 'serviceId', held.serviceId, serviceId],
      ['plan_id', 'planId', held.planId, planId],
    ])
    held.bindingsListed = bindingIds !== undefined
  }
  if (bindingIds === undefined) survey.coverage.withoutBindings(instanceId)
  for (const bindingId of bindingIds ?? []) {
    const binding = bindings.get(bindingId)
    if (binding !== undefined)
      judge(survey, binding, [['instance_id', 'instanceId', binding.instanceId, instanceId]])
  }
}

function judge(
  survey: Survey,
  held: Held,
  facts: ReadonlyArray<
    readonly [
      field: string,
      name: keyof Difference['ours'],
      ours: string,
      theirs: string | undefined,
    ]
  >,
): void {
  held.listed = true
  const given = facts.filter(([, , , theirs]) => theirs !== undefined)
  const differing = given.filter(([, , ours, theirs]) => theirs !== ours)
  survey.judged(
    suspectedOf(held),
    given.filter((each) => !differing.includes(each)).map(([field]) => field),
  )
  held.agreed ||= given.length === facts.length && differing.length === 0
  const suspicion = different(suspectedOf(held), {
    fields: differing.map(([field]) => field),
    ours: Object.fromEntries(differing.map(([, name, ours]) => [name, ours])),
    theirs: Object.fromEntries(
      differing.map(([, name, , theirs]) => [name, shortened(theirs ?? '')]),
    ),
    evidence: undefined,
  })
  if (held.agreed) survey.drop(suspicion)
  else if (differing.length > 0) survey.suspect(suspicion)
}

/**
 * Pages may shift while something else is deleted; where the provider can be asked for the thing
 * itself, that decides.
 */
async function confirm(
  surveying: Surveying,
  survey: Survey,
  { object, key, changedAtMs }: Held,
): Promise<void> {
  // The listing was read, so the run has a result even without these answers.
  if (survey.isSilent()) return survey.unasked()
  const { db } = surveying.deps
  // An order that changed it meanwhile makes the listing outdated.
  const isAsHeld = (changedAt: Date): boolean => changedAt.getTime() === changedAtMs
  if (object === 'instance') {
    const instance = await instanceNow(db, key)
    return instance !== undefined && isAsHeld(instance.changedAt)
      ? askForInstance(surveying, survey, instance)
      : survey.skipped()
  }
  const binding = await bindingNow(db, key)
  return binding !== undefined && isAsHeld(binding.bound.changedAt)
    ? askForBinding(surveying, survey, binding)
    : survey.skipped()
}
