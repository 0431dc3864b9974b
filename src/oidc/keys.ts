import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { hash } from 'node:crypto'
import { coded, type Log } from '../log.ts'
import { openDocuments, type Documents } from './documents.ts'
import { safeAddress, type TrustedIssuer } from './issuers.ts'

/** The keys of one issuer, kept while it is away and read anew when it changes them. */
export interface IssuerKeys {
  /** Which keys these are: another number, other keys, and what was verified by the former is void. */
  readonly generation: number
  /** The keys; undefined when there are none, or when nobody could read them for too long. Has old ones read anew beside. */
  current (): JWTVerifyGetKey | undefined
  /** Reads them now, if that is not asked for too often. Never rejects: the generation tells whether they are others. */
  readAnew (): Promise<void>
  close (): Promise<void>
}

// Issuers publish a new key before they sign with it and keep an old one for as long as its tokens last.
const freshMs = 600_000
// An issuer that is away does not lock anybody out for a day; whoever took it over must not be trusted for ever.
const keptMs = 86_400_000
const waitAfterFailureMs = 30_000
// Anybody can send a token with an invented key id: it may cost the issuer this much and no more.
const readsAtOnce = 5
const oneMoreEveryMs = 10_000
const mostKeys = 200

export function openKeys (trust: TrustedIssuer, log: Log): IssuerKeys {
  const documents = openDocuments(trust.ca)
  let keys: { readonly get: JWTVerifyGetKey, readonly digest: string, readonly readAt: number } | undefined
  let generation = 0
  let reading: Promise<void> | undefined
  let closed = false
  let tryAgainAt = 0
  let reads = { left: readsAtOnce, at: performance.now() }

  const read = async (): Promise<void> => {
    try {
      const set = await readSet(documents, trust)
      const digest = hash('sha256', JSON.stringify(set))
      const isNew = digest !== keys?.digest
      keys = { get: isNew || keys === undefined ? createLocalJWKSet(set) : keys.get, digest, readAt: performance.now() }
      if (isNew) generation++
    } catch (error) {
      tryAgainAt = performance.now() + waitAfterFailureMs
      if (!closed) log.warn({ issuer: trust.issuer, error: coded(error) }, 'the keys of an issuer could not be read')
    } finally {
      reading = undefined
    }
  }

  return {
    get generation () { return generation },
    current () {
      if (keys === undefined) return undefined
      const age = performance.now() - keys.readAt
      if (age > freshMs && reading === undefined && performance.now() >= tryAgainAt) reading = read()
      return age > keptMs ? undefined : keys.get
    },
    async readAnew () {
      if (reading !== undefined) { await reading; return }
      const now = performance.now()
      const left = Math.min(readsAtOnce, reads.left + (now - reads.at) / oneMoreEveryMs)
      if (left < 1) return
      reads = { left: left - 1, at: now }
      reading = read()
      await reading
    },
    async close () {
      closed = true
      await documents.close()
      await reading
    }
  }
}

async function readSet (documents: Documents, trust: TrustedIssuer): Promise<JSONWebKeySet> {
  const set = await documents.read(trust.jwksUri ?? await discover(documents, trust))
  const { keys } = set
  if (!Array.isArray(keys)) throw new Error('What should be its keys is no JSON Web Key Set')
  // An issuer in the middle of something: those that are known are better.
  if (keys.length === 0) throw new Error('It has no keys')
  if (keys.length > mostKeys) throw new Error(`It has ${keys.length} keys, more than ${mostKeys}`)
  // What it may hold beside them says nothing and changes nothing.
  return { keys: keys as JSONWebKeySet['keys'] }
}

async function discover (documents: Documents, { issuer }: TrustedIssuer): Promise<URL> {
  const document = await documents.read(new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`))
  if (document['issuer'] !== issuer) throw new Error('Its discovery document is that of another issuer')
  const address = safeAddress(String(document['jwks_uri']))
  if (typeof address === 'string') throw new Error(`Its jwks_uri ${address}`)
  return address
}
