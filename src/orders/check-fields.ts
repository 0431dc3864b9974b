import type { Directory } from '../tenancy/directory.ts'
import type { OrderProblem } from '../types.gen.ts'
import type { Choice } from './choose-plan.ts'
import type { Order } from './order.ts'
import { problemOf } from './problem.ts'

const needs = ['normal', 'hoch', 'sehr_hoch'] as const

/**
 * What people have to say of an order, and have not said or may not say.
 * @param costCentres  ids of those of the organisation and of the ones above it
 */
export function checkFields(
  directory: Pick<Directory, 'organisation'>,
  order: Order,
  choice: Choice | undefined,
  costCentres: readonly string[],
): OrderProblem[] {
  const required = ['instanceName', 'purpose', 'protectionNeed'] as const
  return [
    ...required.flatMap((field) =>
      order[field] === null ? [problemOf('missing', `/${field}`, `${field} is missing.`)] : [],
    ),
    ...checkCostCentre(order, costCentres),
    ...checkProtection(order, choice),
    ...(['beneficiary', 'invoiceRecipient'] as const).flatMap((field) =>
      checkOrganisation(directory, order, field),
    ),
  ]
}

/** One is required where the organisation, or one above it, has any. */
function checkCostCentre({ costCentre }: Order, known: readonly string[]): OrderProblem[] {
  if (costCentre === null)
    return known.length === 0 ? [] : [problemOf('missing', '/costCentre', 'costCentre is missing.')]
  return known.length === 0 || known.includes(costCentre)
    ? []
    : [
        problemOf(
          'cost_centre_unknown',
          '/costCentre',
          `costCentre: neither the organisation nor one above it has "${costCentre}".`,
          { costCentre },
        ),
      ]
}

function checkProtection({ protectionNeed }: Order, choice: Choice | undefined): OrderProblem[] {
  if (protectionNeed === null || choice === undefined) return []
  const { protection } = choice.offering
  // A provider that states nothing promises nothing above the normal.
  const met = needs.indexOf(protection ?? 'normal')
  if (needs.indexOf(protectionNeed) <= met) return []
  const values = { need: protectionNeed, protection: protection ?? '' }
  return [
    protection === null
      ? problemOf(
          'protection_unknown',
          '/protectionNeed',
          `protectionNeed is ${protectionNeed}, but the provider does not state what it meets.`,
          values,
        )
      : problemOf(
          'protection_exceeded',
          '/protectionNeed',
          `protectionNeed is ${protectionNeed}, but the offering is for ${protection} at most.`,
          values,
        ),
  ]
}

function checkOrganisation(
  directory: Pick<Directory, 'organisation'>,
  order: Order,
  field: 'beneficiary' | 'invoiceRecipient',
): OrderProblem[] {
  const organisation = directory.organisation(order[`${field}Id`])
  if (organisation?.state === 'active') return []
  const name = organisation?.name ?? ''
  const detail = `${field}: the organisation "${name}" is not active.`
  return [problemOf('organisation_inactive', `/${field}`, detail, { organisation: name })]
}
