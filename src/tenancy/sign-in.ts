import { hash, timingSafeEqual } from 'node:crypto'
import { coalesce } from '../db/coalesce.ts'
import type { Db } from '../db/database.ts'
import type { Vault } from '../vault/vault.ts'
import type { LastUsed } from './last-used.ts'
import { indexNamedCredentials, type NamedCredentialIndex } from './named-credentials.ts'
import type { Platform } from './platform.ts'
import {
  listBasicCredentials,
  listNamedCredentials,
  type BasicCredential,
  type NamedCredential,
} from './store.ts'

/** Identifies platforms by their credentials, from memory: a request needs no query. */
export interface SignIn {
  /** @param authorization  the Authorization header as sent */
  platformOf(authorization: string | undefined): Platform | undefined
  /** @param issuer  of a verified token  @param subject  the value of its claim for platforms */
  platformOfToken(issuer: string, subject: string): Platform | undefined
  /** @param names  of a verified certificate, such as `dns:cf.example` or `sha256:...` */
  platformOfCertificate(names: readonly string[]): Platform | undefined
  reload(): Promise<void>
}

const maxVerifiedHeaders = 10_000

/** @param lastUsed  records each use of a valid credential */
export async function openSignIn(db: Db, vault: Vault, lastUsed: LastUsed): Promise<SignIn> {
  let { basic, named } = await readCredentials(db)
  const placeholderDigest = vault.digest('')
  // Caches valid headers by their digest, because a platform sends the same header every time. The
  // cache neither stores nor compares a secret.
  let verifiedHeaders = new Map<string, BasicCredential>()
  const verify = (authorization: string): BasicCredential | undefined => {
    const given = readBasic(authorization)
    if (given === undefined) return undefined
    const row = basic.get(given.username)
    // An unknown username takes as long as a wrong password. Passwords are generated and long, so
    // that a keyed digest is enough; a slow password hash would cost tens of milliseconds a
    // request.
    const isValid = timingSafeEqual(
      row?.passwordDigest ?? placeholderDigest,
      vault.digest(given.password),
    )
    return isValid ? row : undefined
  }
  const platformUsing = (credential: NamedCredential | undefined): Platform | undefined => {
    if (credential !== undefined) lastUsed.used(credential.id)
    return credential?.platform
  }
  return {
    platformOf(authorization) {
      if (authorization === undefined) return undefined
      const digest = hash('sha256', authorization, 'base64')
      const credential = verifiedHeaders.get(digest) ?? verify(authorization)
      if (credential !== undefined && verifiedHeaders.size < maxVerifiedHeaders)
        verifiedHeaders.set(digest, credential)
      if (credential !== undefined) lastUsed.used(credential.id)
      return credential?.platform
    },
    platformOfToken: (issuer, subject) => platformUsing(named.ofToken(issuer, subject)),
    platformOfCertificate: (names) => platformUsing(named.ofCertificate(names)),
    reload: coalesce(async () => {
      ;({ basic, named } = await readCredentials(db))
      verifiedHeaders = new Map()
    }),
  }
}

interface Credentials {
  readonly basic: ReadonlyMap<string, BasicCredential>
  readonly named: NamedCredentialIndex
}

async function readCredentials(db: Db): Promise<Credentials> {
  const [basic, named] = await Promise.all([listBasicCredentials(db), listNamedCredentials(db)])
  return {
    basic: new Map(basic.map((row) => [row.username, row])),
    named: indexNamedCredentials(named),
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
