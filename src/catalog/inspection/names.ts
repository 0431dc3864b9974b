// Which names Kontor publishes. Cloud Foundry takes any text, and its command line most; Kubernetes
// keeps the names of offerings and plans as values of labels. A value of a label is the narrower:
// 63 letters, digits, "-", "_" and ".", with a letter or a digit at both ends.
//
// A published name is the provider's name, a hyphen, and the offering's name, so "rhein" with
// "main-svc" and "rhein-main" with "svc" give the same one. It belongs to the provider with the
// longer name, whichever publishes first: names are chosen by operators and offerings by providers,
// so only this way can no provider take a name from another one. Nothing that is published already
// is taken down for either rule; it stays until the provider withdraws or renames it.
import type { Tx } from '../../db/database.ts'
import type { Provider } from '../../providers/provider.ts'
import type { CatalogFinding } from '../../types.gen.ts'
import { invisibleIn } from '../../visible-text.ts'
import type { IndexedOffering } from '../reading/task.ts'
import { quoted } from './quoted.ts'
import { listLongerNames, listOddPlans, listPublishedOfferings } from './store.ts'

const pattern = '^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$'
const form = new RegExp(pattern)
const formSentence =
  'must be 1 to 63 letters (a to z), digits, "-", "_" or ".", and begin and end with a letter or ' +
  'a digit.'

/** What the names of one provider's offerings are checked against. */
export interface NameRules {
  /** Part of what a publication depends on: another value publishes again. */
  readonly version: unknown
  /** Names of providers whose offerings this provider could imitate. */
  readonly reserved: readonly string[]
  /** Published names by id of the offering or the plan. */
  readonly published: ReadonlyMap<string, string>
}

/** Reads the rules in the transaction that publishes, before it withdraws anything. */
export async function readNameRules(tx: Tx, { id, name }: Provider): Promise<NameRules> {
  const reserved = await listLongerNames(tx, name)
  const offerings = await listPublishedOfferings(tx, id)
  const plans = await listOddPlans(tx, id, pattern)
  return { version: [1, reserved], reserved, published: new Map([...offerings, ...plans]) }
}

/** Withholds offerings and plans whose names may not be published, with a finding for each. */
export function withGoodNames(
  rules: NameRules,
  wanted: readonly IndexedOffering[],
  findings: CatalogFinding[],
): IndexedOffering[] {
  return wanted.flatMap((offering) => {
    const { path, upstreamId: offeringId } = offering
    const problem = problemOf(rules, offering)
    const plans = offering.plans.filter(({ id, name, upstreamId: planId }) => {
      const planProblem = isKept(rules, id, name) ? undefined : formProblem(name)
      if (problem === undefined && planProblem !== undefined)
        findings.push({
          path,
          problem: `${quoted(offering.name)}: the name of the plan ${quoted(name)} ${planProblem}`,
          effect: 'plan_withheld',
          offeringId,
          planId,
        })
      return planProblem === undefined
    })
    if (problem === undefined && plans.length > 0) return [{ ...offering, plans }]
    findings.push({
      path,
      problem: `${quoted(offering.name)}: ${problem ?? 'it has no plan that can be published.'}`,
      effect: 'offering_withheld',
      offeringId,
    })
    return []
  })
}

function problemOf(rules: NameRules, { id, name }: IndexedOffering): string | undefined {
  if (isKept(rules, id, name)) return undefined
  const owner = rules.reserved.find((each) => name.startsWith(`${each}-`))
  if (owner !== undefined)
    return `names that begin with "${owner}-" are those of the provider "${owner}".`
  const problem = formProblem(name)
  return problem && `the published name ${problem}`
}

function formProblem(name: string): string | undefined {
  return form.test(name) ? undefined : formSentence
}

// Not with a character that shows nothing: people may have taken it for another name all along.
function isKept({ published }: NameRules, id: string, name: string): boolean {
  return published.get(id) === name && invisibleIn(name) === undefined
}
