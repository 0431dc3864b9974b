// For providers that list nothing: each instance and binding of ours is asked for, where the provider can tell.
import { requestPlace, resultPlace, upstreamBindingRef, type BindingRequest, type BindingResult } from '../bindings/binding.ts'
import type { InstanceAtRest } from '../instances/at-rest.ts'
import { parametersPlace, upstreamRef } from '../instances/instance.ts'
import { ask, eachOf } from './ask.ts'
import { compareBinding, compareInstance, different, type Difference } from './compare.ts'
import { offeringFacts, type Surveying } from './deps.ts'
import type { Suspicion } from './finding.ts'
import { bindingsOf, instancesOf } from './held.ts'
import type { Survey } from './survey.ts'

type HeldBinding = Awaited<ReturnType<ReturnType<typeof bindingsOf>['next']>>['value'][number]

export async function surveyByAsking (surveying: Surveying, survey: Survey): Promise<void> {
  const { deps: { db }, providerId, width } = surveying
  for await (const page of instancesOf(db, providerId)) {
    await eachOf(page, width, (each) => askForInstance(surveying, survey, each))
    for await (const bindings of bindingsOf(db, page)) await eachOf(bindings, width, (each) => askForBinding(surveying, survey, each))
  }
}

async function askForInstance ({ deps, providerId, signal }: Surveying, survey: Survey, { instance, changedAt }: InstanceAtRest): Promise<void> {
  if (!offeringFacts(deps, instance.offeringId).instancesRetrievable) return survey.skipped()
  const fetched = await ask(deps, providerId, signal, ({ backend }) => backend.fetchInstance(upstreamRef(instance), signal))
  const of = { object: 'instance', upstreamId: instance.upstreamId, upstreamInstanceId: instance.upstreamId, ours: { key: instance.key, changedAt } } as const
  note(survey, of, fetched, (facts) => compareInstance(instance, instance.parameters === null
    ? undefined
    // sealed from an object
    : deps.vault.open(instance.parameters, parametersPlace(instance.key, instance.platformId)) as Record<string, unknown>, facts))
}

async function askForBinding ({ deps, providerId, signal }: Surveying, survey: Survey, { instance, bound: { binding, changedAt } }: HeldBinding): Promise<void> {
  const { bindingsRetrievable, requires } = offeringFacts(deps, instance.offeringId)
  if (!bindingsRetrievable) return survey.skipped()
  const fetched = await ask(deps, providerId, signal, ({ backend }) => backend.fetchBinding(upstreamBindingRef(instance, binding, requires), signal))
  const of = { object: 'binding', upstreamId: binding.upstreamId, upstreamInstanceId: instance.upstreamId, ours: { key: binding.key, changedAt } } as const
  note(survey, of, fetched, (facts) => binding.result === null
    ? undefined
    : compareBinding(
      deps.vault.open(binding.result, resultPlace(binding.key, binding.platformId)) as BindingResult,
      deps.vault.open(binding.request, requestPlace(binding.key, binding.platformId)) as BindingRequest, facts))
}

type Told<Facts> = { readonly kind: 'found', readonly facts: Facts } | { readonly kind: 'missing' | 'busy' | 'unsupported' } | { readonly kind: 'unclear' | 'invalid', readonly description: string }

function note<Facts> (survey: Survey, of: Omit<Suspicion, 'kind' | 'details'>, told: Told<Facts>, compare: (facts: Facts) => Difference | undefined): void {
  switch (told.kind) {
    case 'busy': case 'unsupported': return survey.skipped()
    case 'unclear': case 'invalid': return survey.unclear(told.description)
    case 'missing':
      survey.suspect({ ...of, kind: 'missing', details: { text: `The provider has no such ${of.object}.` } })
      break
    case 'found': {
      const difference = compare(told.facts)
      if (difference !== undefined) survey.suspect(different(of, difference))
      break
    }
    default: return told satisfies never
  }
  survey.judged(of.object, of.upstreamId)
}
