import type { Caller } from '../caller.ts'
import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Organisation } from '../organisation.ts'
import type { TreeDeps } from './create.ts'
import { listBelow, lockTree, updateOrganisation } from './store.ts'

/**
 * Suspends an organisation, or ends that. One that is so already stays as it is.
 * @throws BrokerError `not_found`, `conflict` for a retired one
 */
export async function setOrganisationState(
  deps: TreeDeps,
  caller: Caller,
  id: string,
  state: 'active' | 'suspended',
  reason: string,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const from = await lockLive(tx, id)
    if (from !== state) await write(tx, caller, id, from, state, reason, deps.now())
  })
}

/**
 * Retires an organisation that has nothing below it, in the caller's transaction, which has made sure of its instances.
 * @throws BrokerError `not_found`, `conflict` for a retired one, `in_use` that says what is below it
 */
export async function retireEmptyOrganisation(
  tx: Tx,
  caller: Caller,
  id: string,
  reason: string,
  now: Date,
): Promise<void> {
  const from = await lockLive(tx, id)
  const below = await listBelow(tx, id)
  const hindrances = [
    ...named('organisation', below.organisations),
    ...named('platform', below.platforms),
    ...(below.mappings === 0
      ? []
      : [below.mappings === 1 ? 'a mapping' : `${below.mappings} mappings`]),
  ]
  if (hindrances.length > 0)
    throw new BrokerError(
      'in_use',
      `The organisation still has ${hindrances.join(', ')}. Retire or move these first.`,
    )
  await write(tx, caller, id, from, 'retired', reason, now)
}

async function lockLive(tx: Tx, id: string): Promise<Organisation['state']> {
  const organisation = (await lockTree(tx)).get(id)
  if (organisation === undefined)
    throw new BrokerError('not_found', 'There is no such organisation.')
  if (organisation.state === 'retired')
    throw new BrokerError('conflict', 'The organisation is retired.')
  return organisation.state
}

async function write(
  tx: Tx,
  caller: Caller,
  id: string,
  from: string,
  to: Organisation['state'],
  reason: string,
  now: Date,
): Promise<void> {
  await updateOrganisation(tx, id, { state: to }, now)
  const action = ({ active: 'resume', suspended: 'suspend', retired: 'retire' } as const)[to]
  await record(tx, {
    at: now,
    actor: caller.actor,
    action,
    objectKind: 'organisation',
    objectId: id,
    outcome: 'succeeded',
    organisationId: id,
    details: { from, to, reason },
  })
  await announce(tx, 'platforms')
}

const maxNamed = 5

function named(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return []
  const some = names
    .slice(0, maxNamed)
    .map((name) => `"${name}"`)
    .join(', ')
  return [
    `${names.length} ${what}${names.length === 1 ? '' : 's'} (${some}${names.length > maxNamed ? ', ...' : ''})`,
  ]
}
