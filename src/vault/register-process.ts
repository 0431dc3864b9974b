import { hostname } from 'node:os'
import process from 'node:process'
import type { Db } from '../db/database.ts'
import { newOpaqueId } from '../ids.ts'
import { adoptKeyRing, type AdoptedRing } from './adopt-key-ring.ts'
import type { KeyRing } from './key-ring.ts'
import type { Formats } from './formats.ts'
import type { DigestKeys } from './digest-keys/read-digest-keys.ts'
import { openLease, momentNow } from './lease.ts'
import { confirmHolder, deleteHolder } from './processes/store.ts'
import { newestFormat } from './seal.ts'
import { activeKeys, type ActiveKeys } from './vault.ts'

// The other processes ignore one without a heartbeat after twenty seconds (processes/store.ts); by
// then it must have stopped sealing.
const leaseMs = 10_000

/** This process as the database and the other processes know it. */
export interface RegisteredProcess {
  current(): { readonly ring: KeyRing; readonly adopted: AdoptedRing }
  /** Publishes the keys of a ring as those of this process, and chooses its sealing key anew. */
  adopt(ring: KeyRing): Promise<AdoptedRing>
  sendHeartbeat(): Promise<void>
  /** Without a key to seal or to make digests with once the heartbeat has failed for too long. */
  readonly activeKeys: () => ActiveKeys
  /** False while this process lacks a key in use, or once its heartbeat has failed for too long. */
  isComplete(): boolean
  remove(): Promise<void>
}

export async function registerProcess(db: Db, firstRing: KeyRing): Promise<RegisteredProcess> {
  const self = { id: newOpaqueId(), name: `${hostname()}:${process.pid}` }
  const lease = openLease(leaseMs)
  const adopt = async (ring: KeyRing): Promise<AdoptedRing> => {
    const at = momentNow()
    const adopted = await adoptKeyRing(db, ring, self, digests)
    digests = adopted.digests
    lease.renew(at)
    // A step forward holds for as long as the process lives: SQL can change the byte that names the
    // format, and what would then be sealed in the first one would never open.
    const { sealing, acceptsFirst } = adopted.formats
    formats = {
      sealing: formats.sealing === newestFormat ? newestFormat : sealing,
      acceptsFirst: formats.acceptsFirst && acceptsFirst,
    }
    const next = { ...adopted, formats }
    current = { ring, adopted: next }
    active = activeKeys(ring, next)
    expired = { ...active, sealing: undefined, mayMakeDigests: false }
    return next
  }
  let digests: DigestKeys | undefined
  let formats: Formats = { sealing: 1, acceptsFirst: true }
  let current: { readonly ring: KeyRing; readonly adopted: AdoptedRing }
  let active: ActiveKeys
  let expired: ActiveKeys
  await adopt(firstRing)
  return {
    current: () => current,
    adopt,
    async sendHeartbeat() {
      const at = momentNow()
      const { sealingKey } = current.adopted
      if (await confirmHolder(db, self.id, sealingKey ?? null)) lease.renew(at)
    },
    activeKeys: () => (lease.isGood() ? active : expired),
    isComplete: () => lease.isGood() && current.adopted.missing.length === 0,
    async remove() {
      lease.end()
      await deleteHolder(db, self.id)
    },
  }
}
