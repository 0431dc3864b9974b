import { BrokerError } from '../errors.ts'
import type { SignedIn } from '../people/person.ts'
import type { Directory } from '../tenancy/directory.ts'
import { requireOrganisation } from '../tenancy/organisations/resolve-organisation.ts'
import type { UpdateOrder } from '../types.gen.ts'
import { withoutInvisible } from '../visible-text.ts'
import type { Order } from './order.ts'

export type Fields = Pick<
  Order,
  | 'instanceName'
  | 'purpose'
  | 'costCentre'
  | 'protectionNeed'
  | 'beneficiaryId'
  | 'invoiceRecipientId'
>

export function fieldsOf(order: Order): Fields {
  const { instanceName, purpose, costCentre, protectionNeed } = order
  const { beneficiaryId, invoiceRecipientId } = order
  return { instanceName, purpose, costCentre, protectionNeed, beneficiaryId, invoiceRecipientId }
}

/**
 * The fields of a draft with what a request changes of them.
 * @throws BrokerError `invalid_request` for an organisation that the person may not see
 */
export async function changedFields(
  directory: Directory,
  signedIn: SignedIn,
  before: Fields,
  given: Omit<UpdateOrder, 'plan' | 'parameters'>,
): Promise<Fields> {
  const organisationIn = async (
    field: 'beneficiary' | 'invoiceRecipient',
    otherwise: string,
  ): Promise<string> => {
    const named = given[field]
    if (named === undefined) return otherwise
    const { scope } = signedIn.caller
    const { id, state } = await requireOrganisation(directory, scope, field, named)
    if (state === 'active') return id
    throw new BrokerError('invalid_request', `${field}: the organisation "${named}" is ${state}.`)
  }
  return {
    instanceName: textOf(given.instanceName, before.instanceName),
    purpose: textOf(given.purpose, before.purpose),
    costCentre: textOf(given.costCentre, before.costCentre),
    protectionNeed:
      given.protectionNeed === undefined ? before.protectionNeed : given.protectionNeed,
    beneficiaryId: await organisationIn('beneficiary', before.beneficiaryId),
    invoiceRecipientId: await organisationIn('invoiceRecipient', before.invoiceRecipientId),
  }
}

/** Without characters that show nothing or turn the direction of others. */
function textOf(given: string | null | undefined, before: string | null): string | null {
  if (given === undefined) return before
  const text = withoutInvisible(given ?? '').trim()
  return text === '' ? null : text
}
