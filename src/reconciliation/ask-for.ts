// Fetches one instance or binding of Kontor's from the provider and compares the two.
import type { Fetched, FetchedBinding } from '../backends/backend.ts'
import {
  openResult,
  requestAad,
  upstreamBindingRef,
  type BindingRequest,
} from '../bindings/binding.ts'
import { isGenuine } from '../instances/identity.ts'
import type { IdleInstance } from '../instances/idle.ts'
import { openParameters, upstreamRef } from '../instances/instance.ts'
import { ask } from './ask.ts'
import { compareBinding, compareInstance, different, type Compared } from './compare.ts'
import { offeringFacts, type Surveying } from './deps.ts'
import type { Suspicion } from './finding.ts'
import type { HeldBinding } from './held.ts'
import type { Survey } from './survey.ts'

export async function askForInstance(
  surveying: Surveying,
  survey: Survey,
  { instance, changedAt }: IdleInstance,
): Promise<void> {
  const { deps, signal } = surveying
  const of = {
    object: 'instance',
    upstreamId: instance.upstreamId,
    upstreamInstanceId: instance.upstreamId,
    ours: { key: instance.key, changedAt },
  } as const
  if (!isGenuine(deps.vault, instance)) return survey.skipped()
  const fetched = offeringFacts(deps, instance.offeringId).instancesRetrievable
    ? await ask(surveying, (questions) => questions.fetchInstance(upstreamRef(instance), signal))
    : unsupported
  note(survey, of, fetched, (facts) =>
    compareInstance(instance, openParameters(deps.vault, instance), facts),
  )
}

export async function askForBinding(
  surveying: Surveying,
  survey: Survey,
  { instance, bound: { binding, changedAt } }: HeldBinding,
): Promise<void> {
  const { deps, signal } = surveying
  const { bindingsRetrievable, requires } = offeringFacts(deps, instance.offeringId)
  const of = {
    object: 'binding',
    upstreamId: binding.upstreamId,
    upstreamInstanceId: instance.upstreamId,
    ours: { key: binding.key, changedAt },
  } as const
  if (!isGenuine(deps.vault, instance)) return survey.skipped()
  const fetched = bindingsRetrievable
    ? await ask(surveying, (questions) =>
        questions.fetchBinding(upstreamBindingRef(instance, binding, requires), signal),
      )
    : unsupported
  note(survey, of, fetched, (facts) =>
    binding.result === null
      ? { agreed: [], difference: undefined }
      : compareBinding(
          openResult(deps.vault, binding, binding.result),
          deps.vault.open(binding.request, requestAad(binding)) as BindingRequest,
          facts,
        ),
  )
}

const unsupported = { kind: 'unsupported' } as const

type Answer<Facts> = Fetched<Facts> | Extract<FetchedBinding, { kind: 'invalid' }>

function note<Facts>(
  survey: Survey,
  of: Omit<Suspicion, 'kind' | 'details'>,
  answer: Answer<Facts>,
  compare: (facts: Facts) => Compared,
): void {
  switch (answer.kind) {
    case 'busy':
      return survey.skipped()
    case 'unclear':
      return survey.unclear(answer.description, answer.noAnswer)
    // The provider has it, but the answer cannot be compared.
    case 'invalid':
      survey.coverage.seen(of, [])
      return survey.unclear(answer.description)
    case 'unsupported':
      // By listing, its absence there decides.
      if (!survey.isByListing) return survey.skipped()
      return survey.suspect({
        ...of,
        kind: 'missing',
        details: { text: `The provider lists no such ${of.object}.` },
      })
    case 'missing':
      return survey.suspect({
        ...of,
        kind: 'missing',
        details: {
          text: survey.isByListing
            ? `The provider lists no such ${of.object}.`
            : `The provider has no such ${of.object}.`,
        },
      })
    case 'found': {
      const { agreed, difference } = compare(answer.facts)
      survey.judged(of, agreed)
      if (difference !== undefined) survey.suspect(different(of, difference))
      return
    }
    default:
      return answer satisfies never
  }
}
