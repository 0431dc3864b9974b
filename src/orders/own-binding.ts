import { readBinding } from '../instances/listing/bindings/read.ts'
import type { ListingDeps } from '../instances/listing/deps.ts'
import { describeInstance } from '../instances/listing/read.ts'
import { BrokerError } from '../errors.ts'
import type { SignedIn } from '../people/person.ts'
import type { BindingView, InstanceView } from '../types.gen.ts'
import { assertOrderer } from './authorise.ts'

/** An instance or a binding, with what says whether people ordered it here. */
type Ordered = Pick<InstanceView | BindingView, 'organisation' | 'platform'>

/**
 * A binding that the person may act on: the console of an organisation for which it orders has it.
 * @param id  Kontor's
 * @throws BrokerError `not_found`, also for one outside the scope; `forbidden` for one that was
 *   ordered elsewhere, or without the role
 */
export async function requireOwnBinding(
  deps: ListingDeps,
  signedIn: SignedIn,
  id: string,
): Promise<BindingView> {
  const view = await readBinding(deps, signedIn.caller.scope, id)
  assertOwn(deps, signedIn, view)
  return view
}

/** The same for an instance. */
export async function requireOwnInstance(
  deps: ListingDeps,
  signedIn: SignedIn,
  id: string,
): Promise<InstanceView> {
  const view = await describeInstance(deps, signedIn.caller.scope, id)
  assertOwn(deps, signedIn, view)
  return view
}

/**
 * Whether the console of its own organisation ordered it. Of one that a platform ordered, people
 * change nothing here, and see no credentials.
 */
export function isOrderedHere(
  { directory }: Pick<ListingDeps, 'directory'>,
  { organisation, platform }: Ordered,
): boolean {
  return organisation !== null && directory.consoleOf(organisation.id)?.id === platform.id
}

function assertOwn(deps: ListingDeps, signedIn: SignedIn, view: Ordered): void {
  const { organisation, platform } = view
  if (organisation === null || !isOrderedHere(deps, view))
    throw new BrokerError(
      'forbidden',
      `It was ordered through the platform "${platform.name}", and is changed only there. Its ` +
        'credentials are there, too.',
    )
  assertOrderer(deps.directory, signedIn, organisation.id)
}
