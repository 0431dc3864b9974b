import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { Caller } from '../caller.ts'
import type { TenancyDeps } from '../deps.ts'
import type { Directory } from '../directory.ts'
import { consoleNameOf } from '../names.ts'
import { ownerIn } from '../organisations/lock.ts'
import { lockTree } from '../organisations/store.ts'
import { insertPlatform } from './store.ts'

export interface ConsoleDeps extends TenancyDeps {
  readonly directory: Pick<Directory, 'consoleOf' | 'reload'>
}

/**
 * The platform through which the people of an organisation order; made when the first of them does.
 * @param organisationId  the caller has checked that the person may order for it
 * @returns its id
 * @throws BrokerError `invalid_request` for an organisation that is retired, `unavailable` when the
 *   platform was changed past Kontor
 */
export async function consolePlatform(
  { db, now, directory }: ConsoleDeps,
  caller: Caller,
  organisationId: string,
): Promise<string> {
  const known = directory.consoleOf(organisationId)
  if (known !== undefined) return known.id
  await db.transaction().execute((tx) => insertConsole(tx, caller, organisationId, now()))
  return findConsole({ directory }, organisationId)
}

/**
 * The same of an organisation whose people have ordered before; it makes none.
 * @throws BrokerError `unavailable` when there is none, or when it was changed past Kontor
 */
export async function findConsole(
  { directory }: Pick<ConsoleDeps, 'directory'>,
  organisationId: string,
): Promise<string> {
  const known = directory.consoleOf(organisationId)
  if (known !== undefined) return known.id
  // Another process may have made it a moment ago.
  await directory.reload()
  const made = directory.consoleOf(organisationId)
  if (made !== undefined) return made.id
  throw new BrokerError(
    'unavailable',
    'The platform through which people of this organisation order is not known here. Try again ' +
      'in a moment; an operator finds the reason in the log.',
    { retryAfterSeconds: 5 },
  )
}

async function insertConsole(
  tx: Tx,
  caller: Caller,
  organisationId: string,
  now: Date,
): Promise<void> {
  // Locked, so that no platform is made for an organisation that is being retired.
  await ownerIn(await lockTree(tx), 'all', 'organisation', organisationId)
  const id = newId(now)
  const name = consoleNameOf(organisationId)
  const values = { displayName: null, kind: 'console', organisationId } as const
  // Another process has made it.
  if (!(await insertPlatform(tx, id, name, values, now))) return
  await record(tx, {
    at: now,
    actor: caller.actor,
    action: 'platform.created',
    objectKind: 'platform',
    objectId: id,
    outcome: 'succeeded',
    organisationId,
    platformId: id,
    details: { name, kind: 'console', organisationId },
  })
  await announce(tx, 'platforms', id)
}
