import { hash, timingSafeEqual } from 'node:crypto'
import { coalesce } from '../db/coalesce.ts'
import type { Db } from '../db/database.ts'
import type { Vault } from '../vault/vault.ts'
import type { LastUsed } from './last-used.ts'
import { knownByOthers, type KnownByOthers } from './known-by-others.ts'
import type { Platform } from './platform.ts'
import { listBasicCredentials, listNamedCredentials, type BasicCredential } from './store.ts'

/** Tells platforms by their credentials, from memory: no query on the way of a request. */
export interface SignIn {
  /** @param authorization  the header as sent */
  platformOf(authorization: string | undefined): Platform | undefined
  /** @param issuer  of a token that was verified  @param subject  what its claim for platforms says */
  platformOfToken(issuer: string, subject: string): Platform | undefined
  /** @param names  of a certificate that was verified, such as `dns:cf.example` or `sha256:...` */
  platformOfCertificate(names: readonly string[]): Platform | undefined
  reload(): Promise<void>
}

const maxRemembered = 10_000

/** @param lastUsed  is told of every credential that was right */
export async function openSignIn(db: Db, vault: Vault, lastUsed: LastUsed): Promise<SignIn> {
  let { basic: known, others } = await readCredentials(db)
  const nobody = vault.digest('')
  // Headers that were right, by their digest: a platform sends the same one every time. No secret is kept or compared.
  let right = new Map<string, BasicCredential>()
  const check = (authorization: string): BasicCredential | undefined => {
    const given = readBasic(authorization)
    if (given === undefined) return undefined
    const row = known.get(given.username)
    // An unknown name costs the same as a wrong password. The passwords are generated and long, so that a keyed
    // digest is enough; a slow password hash would cost tens of milliseconds a request.
    const isRight = timingSafeEqual(row?.passwordDigest ?? nobody, vault.digest(given.password))
    return isRight ? row : undefined
  }
  const platformUsing = (
    credential: { readonly id: string; readonly platform: Platform } | undefined,
  ): Platform | undefined => {
    if (credential !== undefined) lastUsed.used(credential.id)
    return credential?.platform
  }
  return {
    platformOf(authorization) {
      if (authorization === undefined) return undefined
      const digest = hash('sha256', authorization, 'base64')
      const credential = right.get(digest) ?? check(authorization)
      if (credential !== undefined && right.size < maxRemembered) right.set(digest, credential)
      return platformUsing(credential)
    },
    platformOfToken: (issuer, subject) => platformUsing(others.ofToken(issuer, subject)),
    platformOfCertificate: (names) => platformUsing(others.ofCertificate(names)),
    reload: coalesce(async () => {
      ;({ basic: known, others } = await readCredentials(db))
      right = new Map()
    }),
  }
}

interface Known {
  readonly basic: ReadonlyMap<string, BasicCredential>
  readonly others: KnownByOthers
}

async function readCredentials(db: Db): Promise<Known> {
  const [basic, named] = await Promise.all([listBasicCredentials(db), listNamedCredentials(db)])
  return {
    basic: new Map(basic.map((row) => [row.username, row])),
    others: knownByOthers(named),
  }
}

function readBasic(
  authorization: string | undefined,
): { username: string; password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}
