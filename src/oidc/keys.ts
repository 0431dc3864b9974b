import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { hash } from 'node:crypto'
import { coded, type Log } from '../log.ts'
import { openDocuments, type Documents } from './documents.ts'
import { safeAddress, type TrustedIssuer } from './issuers.ts'

/** The keys of one issuer, cached while it is unreachable and read again when it changes them. */
export interface IssuerKeys {
  /** Another number means other keys: tokens that the former keys verified are no longer valid. */
  readonly generation: number
  /** The keys as last read; undefined when there are none, or none that are recent enough. */
  current(): JWTVerifyGetKey | undefined
  /**
   * What to wait for before using the keys: a read that all callers share, when the last one is too
   * long ago. Undefined when they are fresh, or when a read has just failed. Never rejects.
   */
  refreshed(): Promise<void> | undefined
  /** Reads the keys now, unless callers ask too often. Never rejects. */
  readAnew(): Promise<void>
  close(): Promise<void>
}

// How long a key that the issuer has withdrawn remains valid here at most.
const freshMs = 600_000
// More often than that, so that hardly any request waits for a read.
const readEveryMs = 240_000
// An issuer that is unreachable must not lock all users out for a day, and one that never answers
// again must not be trusted for ever.
const maxAgeMs = 86_400_000
const waitAfterFailureMs = 30_000
// Longer than `waitAfterFailureMs` and the time limit of a read together: while the issuer is
// unreachable, no request waits for it.
const unreachableMs = 60_000
// Any client can send a token with an invented key id, and so cause a read: at most this many.
const maxBurst = 5
const msPerRead = 10_000
const maxKeys = 200

interface ReadKeys {
  readonly get: JWTVerifyGetKey
  readonly digest: string
  readonly readAt: number
}

interface KeysDeps {
  readonly now: () => Date
  readonly log: Log
}

class RefreshedKeys implements IssuerKeys {
  readonly #trust: TrustedIssuer
  readonly #deps: KeysDeps
  readonly #documents: Documents
  #keys: ReadKeys | undefined
  #generation = 0
  #reading: Promise<void> | undefined
  #isClosed = false
  #failedAt: number | undefined
  #allowance: { readonly reads: number; readonly at: number }
  #timer: NodeJS.Timeout | undefined

  constructor(trust: TrustedIssuer, deps: KeysDeps) {
    this.#trust = trust
    this.#deps = deps
    this.#documents = openDocuments(trust.ca)
    this.#allowance = { reads: maxBurst, at: deps.now().getTime() }
    void this.#read()
  }

  get generation(): number {
    return this.#generation
  }

  current(): JWTVerifyGetKey | undefined {
    const keys = this.#keys
    return keys === undefined || this.#msSince(keys.readAt) > maxAgeMs ? undefined : keys.get
  }

  refreshed(): Promise<void> | undefined {
    const keys = this.#keys
    if (keys === undefined || this.#isClosed || this.#msSince(keys.readAt) <= freshMs)
      return undefined
    const isUnreachable =
      this.#failedAt !== undefined && this.#msSince(this.#failedAt) <= unreachableMs
    return isUnreachable ? undefined : this.#read()
  }

  async readAnew(): Promise<void> {
    if (this.#reading !== undefined) {
      await this.#reading
      return
    }
    const { reads, at } = this.#allowance
    const allowed = Math.min(maxBurst, reads + this.#msSince(at) / msPerRead)
    if (allowed < 1 || this.#isClosed) return
    this.#allowance = { reads: allowed - 1, at: this.#deps.now().getTime() }
    await this.#read()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#documents.close()
    await this.#reading
  }

  #read(): Promise<void> {
    clearTimeout(this.#timer)
    this.#reading ??= this.#readOnce()
    return this.#reading
  }

  async #readOnce(): Promise<void> {
    try {
      this.#take(await readSet(this.#documents, this.#trust))
      this.#failedAt = undefined
    } catch (error) {
      this.#failedAt = this.#deps.now().getTime()
      if (!this.#isClosed)
        this.#deps.log.warn(
          { issuer: this.#trust.issuer, error: coded(error) },
          'the keys of an issuer could not be read',
        )
    } finally {
      this.#reading = undefined
      if (!this.#isClosed) this.#schedule()
    }
  }

  #take(set: JSONWebKeySet): void {
    const digest = hash('sha256', JSON.stringify(set))
    const known = digest === this.#keys?.digest ? this.#keys : undefined
    const get = known?.get ?? createLocalJWKSet(set)
    this.#keys = { get, digest, readAt: this.#deps.now().getTime() }
    if (known === undefined) this.#generation++
  }

  #schedule(): void {
    const waitMs = this.#failedAt === undefined ? readEveryMs : waitAfterFailureMs
    this.#timer = setTimeout(() => {
      void this.#read()
    }, waitMs).unref()
  }

  // Absolute: after the clock was set back, old keys must not seem new.
  #msSince(at: number): number {
    return Math.abs(this.#deps.now().getTime() - at)
  }
}

/** Begins to read the keys, without waiting: an issuer that is unreachable must delay no start. */
export function openKeys(trust: TrustedIssuer, deps: KeysDeps): IssuerKeys {
  return new RefreshedKeys(trust, deps)
}

async function readSet(documents: Documents, trust: TrustedIssuer): Promise<JSONWebKeySet> {
  const set = await documents.read(trust.jwksUri ?? (await discover(documents, trust)))
  const { keys } = set
  if (!Array.isArray(keys)) throw new Error('What should be its keys is no JSON Web Key Set')
  // Perhaps the issuer is being reconfigured: the known keys are more useful.
  if (keys.length === 0) throw new Error('It has no keys')
  if (keys.length > maxKeys) throw new Error(`It has ${keys.length} keys, more than ${maxKeys}`)
  // Without other fields, which would change the digest.
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
