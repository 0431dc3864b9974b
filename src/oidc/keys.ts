import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { hash } from 'node:crypto'
import { coded, type Log } from '../log.ts'
import { openDocuments, type Documents } from './documents.ts'
import { safeAddress, type TrustedIssuer } from './issuers.ts'

/** The keys of one issuer, kept while it is away and read anew when it changes them. */
export interface IssuerKeys {
  /** Which keys these are: another number, other keys, and what was verified by the former is void. */
  readonly generation: number
  /** The keys as they were read last; undefined when there are none, or when nobody could read them for too long. */
  current(): JWTVerifyGetKey | undefined
  /**
   * What to wait for before keys or generation are trusted: one reading, for all who wait, when the last one is too long
   * ago. Undefined: nothing, for they are fresh or the issuer was just found to be away. Never rejects.
   */
  refreshed(): Promise<void> | undefined
  /** Reads them now, if that is not asked for too often. Never rejects: the generation tells whether they are others. */
  readAnew(): Promise<void>
  close(): Promise<void>
}

// A key that the issuer took back counts for so long at most.
const freshMs = 600_000
// Read on a timer too, so that hardly anybody waits for it.
const readEveryMs = 240_000
// An issuer that is away does not lock anybody out for a day; whoever took it over must not be trusted for ever.
const keptMs = 86_400_000
const waitAfterFailureMs = 30_000
// Longer than that and a reading that is given up together: while it is away nobody waits for it again and again.
const awayMs = 60_000
// Anybody can send a token with an invented key id: it may cost the issuer this much and no more.
const readsAtOnce = 5
const oneMoreEveryMs = 10_000
const maxKeys = 200

/** Begins to read them; one that is away delays nobody. */
export function openKeys(
  trust: TrustedIssuer,
  { now, log }: { readonly now: () => Date; readonly log: Log },
): IssuerKeys {
  const documents = openDocuments(trust.ca)
  let keys:
    { readonly get: JWTVerifyGetKey; readonly digest: string; readonly readAt: number } | undefined
  let generation = 0
  let reading: Promise<void> | undefined
  let closed = false
  let failedAt: number | undefined
  let reads = { left: readsAtOnce, at: now().getTime() }
  let timer: NodeJS.Timeout | undefined
  // A clock that was set back must not make keys young again.
  const msSince = (at: number): number => Math.abs(now().getTime() - at)

  const readOnce = async (): Promise<void> => {
    try {
      const set = await readSet(documents, trust)
      const digest = hash('sha256', JSON.stringify(set))
      const isNew = digest !== keys?.digest
      keys = {
        get: isNew || keys === undefined ? createLocalJWKSet(set) : keys.get,
        digest,
        readAt: now().getTime(),
      }
      if (isNew) generation++
      failedAt = undefined
    } catch (error) {
      failedAt = now().getTime()
      if (!closed)
        log.warn(
          { issuer: trust.issuer, error: coded(error) },
          'the keys of an issuer could not be read',
        )
    } finally {
      reading = undefined
      if (!closed)
        timer = setTimeout(
          () => {
            void read()
          },
          failedAt === undefined ? readEveryMs : waitAfterFailureMs,
        ).unref()
    }
  }
  const read = (): Promise<void> => {
    clearTimeout(timer)
    reading ??= readOnce()
    return reading
  }
  void read()

  return {
    get generation() {
      return generation
    },
    current: () => (keys === undefined || msSince(keys.readAt) > keptMs ? undefined : keys.get),
    refreshed() {
      if (keys === undefined || closed || msSince(keys.readAt) <= freshMs) return undefined
      return failedAt !== undefined && msSince(failedAt) <= awayMs ? undefined : read()
    },
    async readAnew() {
      if (reading !== undefined) {
        await reading
        return
      }
      const at = now().getTime()
      const left = Math.min(readsAtOnce, reads.left + msSince(reads.at) / oneMoreEveryMs)
      if (left < 1 || closed) return
      reads = { left: left - 1, at }
      await read()
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await documents.close()
      await reading
    },
  }
}

async function readSet(documents: Documents, trust: TrustedIssuer): Promise<JSONWebKeySet> {
  const set = await documents.read(trust.jwksUri ?? (await discover(documents, trust)))
  const { keys } = set
  if (!Array.isArray(keys)) throw new Error('What should be its keys is no JSON Web Key Set')
  // An issuer in the middle of something: those that are known are better.
  if (keys.length === 0) throw new Error('It has no keys')
  if (keys.length > maxKeys) throw new Error(`It has ${keys.length} keys, more than ${maxKeys}`)
  // What it may hold beside them says nothing and changes nothing.
  return { keys: keys as JSONWebKeySet['keys'] }
}

async function discover(documents: Documents, { issuer }: TrustedIssuer): Promise<URL> {
  const document = await documents.read(
    new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
  )
  if (document['issuer'] !== issuer)
    throw new Error('Its discovery document is that of another issuer')
  const address = safeAddress(String(document['jwks_uri']))
  if (typeof address === 'string') throw new Error(`Its jwks_uri ${address}`)
  return address
}
