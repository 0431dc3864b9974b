import { record } from '../../audit/record.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { validateText } from '../../storable.ts'
import type { Caller } from '../../tenancy/caller.ts'
import type { CreateComparison } from '../../types.gen.ts'
import { canonicalJson } from '../../vault/canonical-json.ts'
import type { Vault } from '../../vault/vault.ts'
import type { FreezeDeps } from '../deps.ts'
import { readerOf } from '../reader.ts'
import { comparePlans } from './compare.ts'
import { insertComparison, type FrozenRow } from './store.ts'

/**
 * Keyed, and over all that the row says: with access to the database only, neither the content nor
 * its date, author or note can be changed unseen.
 */
export function digestOf(
  vault: Pick<Vault, 'fingerprint'>,
  { id, organisationId, createdBy, createdAt, note, content }: Omit<FrozenRow, 'digest'>,
): Buffer {
  const at = createdAt.toISOString()
  return vault.fingerprint(['plan_comparisons', id, organisationId, createdBy, at, note, content])
}

/**
 * Compares plans and keeps the result as it is: later prices and plans change nothing in it.
 * @param givenId  of a form: sent twice, it keeps one
 * @returns its id
 * @throws BrokerError as `comparePlans`; `invalid_request` for an organisation outside the scope
 */
export async function freezeComparison(
  deps: FreezeDeps,
  caller: Caller,
  { organisation, plans, note = null }: CreateComparison,
  givenId?: string,
): Promise<string> {
  const unstorable = note === null ? undefined : validateText(note, 'note')
  if (unstorable !== undefined) throw new BrokerError('invalid_request', unstorable)
  const reader = await readerOf(deps.directory, caller.scope, organisation)
  const content = canonicalJson(await comparePlans(deps, reader, plans))
  const at = deps.now()
  const id = givenId ?? newId(at)
  // readerOf has found the organisation that was asked for.
  const organisationId = reader.organisation?.id ?? ''
  const row = { id, organisationId, createdBy: caller.actor, createdAt: at, note, content }
  const digest = digestOf(deps.vault, row)
  await deps.db.transaction().execute(async (tx) => {
    if (!(await insertComparison(tx, { ...row, digest }))) return
    await record(tx, {
      at,
      actor: caller.actor,
      action: 'comparison.frozen',
      objectKind: 'comparison',
      objectId: id,
      outcome: 'succeeded',
      organisationId,
      details: { digest: digest.toString('hex'), plans: plans.length },
    })
  })
  return id
}
