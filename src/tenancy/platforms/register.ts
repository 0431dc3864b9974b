import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { CreatePlatform } from '../../types.gen.ts'
import type { Caller } from '../caller.ts'
import type { TenancyDeps } from '../deps.ts'
import { checkName, isConsoleName } from '../names.ts'
import { ownerIn } from '../organisations/lock.ts'
import { lockTree } from '../organisations/store.ts'
import { insertPlatform } from './store.ts'

/**
 * Creates a platform that has no credentials yet.
 * @returns its id
 * @throws BrokerError `invalid_request` for a name that is not valid or an owner that is unknown or
 * retired; `conflict` for a name that is taken, by a retired platform too
 */
export async function registerPlatform(
  deps: TenancyDeps,
  caller: Caller,
  creation: CreatePlatform,
): Promise<string> {
  const now = deps.now()
  return deps.db.transaction().execute((tx) => registerPlatformIn(tx, caller, creation, now))
}

/** As `registerPlatform`, in the transaction `tx`. */
export async function registerPlatformIn(
  tx: Tx,
  caller: Caller,
  { name, displayName, kind, organisation }: CreatePlatform,
  now: Date,
): Promise<string> {
  checkName(name)
  if (isConsoleName(name))
    throw new BrokerError('invalid_request', `A name must not begin as those of consoles do.`)
  const id = newId(now)
  const organisationId =
    organisation == null
      ? null
      : await ownerIn(await lockTree(tx), caller.scope, 'organisation', organisation)
  const values = {
    displayName: displayName ?? null,
    kind: kind ?? 'other',
    organisationId,
  } as const
  if (!(await insertPlatform(tx, id, name, values, now)))
    throw new BrokerError(
      'conflict',
      `A platform named "${name}" exists already, perhaps a retired one.`,
    )
  await record(tx, {
    at: now,
    actor: caller.actor,
    action: 'platform.created',
    objectKind: 'platform',
    objectId: id,
    outcome: 'succeeded',
    organisationId,
    platformId: id,
    details: {
      name,
      kind: kind ?? 'other',
      ...(organisationId === null ? {} : { organisationId }),
    },
  })
  await announce(tx, 'platforms', id)
  return id
}
