import { createHash } from 'node:crypto'
import { record } from '../../audit/record.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { validateText } from '../../storable.ts'
import type { Caller } from '../../tenancy/caller.ts'
import type { CreateComparison } from '../../types.gen.ts'
import { canonicalJson } from '../../vault/canonical-json.ts'
import type { MarketplaceDeps } from '../deps.ts'
import { readerOf } from '../reader.ts'
import { comparePlans } from './compare.ts'
import { insertComparison } from './store.ts'

export const digestOf = (content: string): Buffer => createHash('sha256').update(content).digest()

/**
 * Compares plans and keeps the result as it is: later prices and plans change nothing in it.
 * @returns its id
 * @throws BrokerError as `comparePlans`; `invalid_request` for an organisation outside the scope
 */
export async function freezeComparison(
  deps: MarketplaceDeps,
  caller: Caller,
  { organisation, plans, note = null }: CreateComparison,
): Promise<string> {
  const unstorable = note === null ? undefined : validateText(note, 'note')
  if (unstorable !== undefined) throw new BrokerError('invalid_request', unstorable)
  const reader = await readerOf(deps.directory, caller.scope, organisation)
  const content = canonicalJson(await comparePlans(deps, reader, plans))
  const at = deps.now()
  const id = newId(at)
  const digest = digestOf(content)
  // readerOf has found the organisation that was asked for.
  const organisationId = reader.organisation?.id ?? ''
  await deps.db.transaction().execute(async (tx) => {
    const row = {
      id,
      organisationId,
      createdBy: caller.actor,
      createdAt: at,
      note,
      content,
      digest,
    }
    await insertComparison(tx, row)
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
