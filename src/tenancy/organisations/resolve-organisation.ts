import { BrokerError } from '../../errors.ts'
import type { AccessScope } from '../principal.ts'

/**
 * Where organisations are looked up: this process's directory, or the locked tree of a transaction.
 */
export interface OrganisationIndex<Known> {
  organisation(id: string): Known | undefined
  organisationNamed(name: string): Known | undefined
  /** Absent where nothing newer can exist. */
  reload?(): Promise<void>
}

/**
 * The organisation that a request names by id or name; a retired one too.
 *
 * An organisation outside the scope looks like an unknown one. Only those of the scope are
 * compared, and an unknown name causes no query: the time of a query would show whether an
 * organisation of that name exists.
 */
export async function resolveOrganisation<Known extends { readonly name: string }>(
  index: OrganisationIndex<Known>,
  scope: AccessScope,
  reference: string,
): Promise<Known | undefined> {
  if (scope !== 'all') {
    const id = scope.organisations.find(
      (each) => each === reference || index.organisation(each)?.name === reference,
    )
    return id === undefined ? undefined : index.organisation(id)
  }
  const find = () => index.organisation(reference) ?? index.organisationNamed(reference)
  const known = find()
  if (known !== undefined || index.reload === undefined) return known
  // Another process may have created it a moment ago.
  await index.reload()
  return find()
}

/**
 * As `resolveOrganisation`, for a field of a request.
 * @throws BrokerError `invalid_request` that names the field
 */
export async function requireOrganisation<Known extends { readonly name: string }>(
  index: OrganisationIndex<Known>,
  scope: AccessScope,
  field: string,
  reference: string,
): Promise<Known> {
  const organisation = await resolveOrganisation(index, scope, reference)
  if (organisation === undefined)
    throw new BrokerError('invalid_request', `${field}: there is no organisation "${reference}".`)
  return organisation
}
