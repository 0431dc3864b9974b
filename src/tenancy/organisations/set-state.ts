import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Caller } from '../caller.ts'
import type { TenancyDeps } from '../deps.ts'
import type { Organisation } from '../organisation.ts'
import { lockOrganisation } from './lock.ts'
import { listBelow, updateOrganisation } from './store.ts'
import type { TreeNode } from './tree.ts'

/**
 * Suspends an organisation, or ends its suspension. Setting the state that it has changes nothing.
 * @param reference  its id or name
 * @throws BrokerError `not_found`, `conflict` for a retired one
 */
export async function setOrganisationState(
  deps: TenancyDeps,
  caller: Caller,
  reference: string,
  state: 'active' | 'suspended',
  reason: string,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const { organisation } = await lockOrganisation(tx, caller.scope, reference)
    if (organisation.state !== state)
      await writeState(tx, caller, organisation, state, reason, deps.now())
  })
}

/**
 * Retires an organisation that has nothing below it. The caller's transaction checks that it has no
 * instances.
 * @param reference  its id or name
 * @returns its id
 * @throws BrokerError `not_found`, `conflict` for a retired one, `in_use` that names what is below
 * it
 */
export async function retireEmptyOrganisation(
  tx: Tx,
  caller: Caller,
  reference: string,
  reason: string,
  now: Date,
): Promise<string> {
  const { organisation } = await lockOrganisation(tx, caller.scope, reference)
  const below = await listBelow(tx, organisation.id)
  const obstacles = [
    ...describeNames('organisation', below.organisations),
    ...describeNames('platform', below.platforms),
    ...(below.mappings === 0
      ? []
      : [below.mappings === 1 ? 'a mapping' : `${below.mappings} mappings`]),
  ]
  if (obstacles.length > 0)
    throw new BrokerError(
      'in_use',
      `The organisation still has ${obstacles.join(', ')}. Retire or move these first.`,
    )
  await writeState(tx, caller, organisation, 'retired', reason, now)
  return organisation.id
}

const actions = {
  active: 'organisation.resumed',
  suspended: 'organisation.suspended',
  retired: 'organisation.retired',
} as const

async function writeState(
  tx: Tx,
  caller: Caller,
  { id, state: from }: TreeNode,
  to: Organisation['state'],
  reason: string,
  now: Date,
): Promise<void> {
  await updateOrganisation(tx, id, { state: to }, now)
  await record(tx, {
    at: now,
    actor: caller.actor,
    action: actions[to],
    objectKind: 'organisation',
    objectId: id,
    outcome: 'succeeded',
    organisationId: id,
    details: { from, to, reason },
  })
  await announce(tx, 'platforms')
}

const maxNames = 5

/** Such as `2 platforms ("a", "b")`; empty without names. */
function describeNames(noun: string, names: readonly string[]): string[] {
  if (names.length === 0) return []
  const some = names
    .slice(0, maxNames)
    .map((name) => `"${name}"`)
    .join(', ')
  const more = names.length > maxNames ? ', ...' : ''
  return [`${names.length} ${noun}${names.length === 1 ? '' : 's'} (${some}${more})`]
}
