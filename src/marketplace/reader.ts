import { BrokerError } from '../errors.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { Organisation } from '../tenancy/organisation.ts'
import { requireOrganisation } from '../tenancy/organisations/resolve-organisation.ts'
import type { AccessScope } from '../tenancy/principal.ts'

/** Who reads the catalog: for which organisations, and what beyond the rules of these. */
export interface Reader {
  /** The organisation that was asked for, if one was. */
  readonly organisation: Organisation | undefined
  /** That the reader orders for; none for operators, auditors and providers. */
  readonly organisations: readonly Organisation[]
  /**
   * Names of the providers whose plans the reader sees whatever rules say, `all` for operators and
   * auditors, who also see the rules.
   */
  readonly ownProviders: 'all' | ReadonlySet<string>
}

/**
 * @param scope         of a person or a machine
 * @param organisation  by id or name; absent: all of the scope
 * @throws BrokerError `invalid_request`, also for an organisation outside the scope, and for a
 *   retired one
 */
export async function readerOf(
  directory: Directory,
  scope: AccessScope,
  organisation?: string,
): Promise<Reader> {
  if (organisation !== undefined) {
    const asked = await requireOrganisation(directory, scope, 'organisation', organisation)
    if (asked.state === 'retired')
      throw new BrokerError(
        'invalid_request',
        `organisation: there is no organisation "${organisation}".`,
      )
    return { organisation: asked, organisations: [asked], ownProviders: new Set() }
  }
  if (scope === 'all') return { organisation: undefined, organisations: [], ownProviders: 'all' }
  const organisations = scope.organisations.flatMap((id) => directory.organisation(id) ?? [])
  return {
    organisation: undefined,
    organisations: organisations.filter(({ state }) => state !== 'retired'),
    ownProviders: new Set(scope.providers),
  }
}
