import { hash } from 'node:crypto'
import { coalesceKeys } from '../db/coalesce.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { readSealed } from '../vault/sealed-rows/read-sealed.ts'
import type { Vault } from '../vault/vault.ts'
import type { DigestRenewals } from './credentials/renew-digests.ts'
import type { Directory } from './directory.ts'
import type { LastUsed } from './last-used.ts'
import { indexNamedCredentials, type NamedCredentialIndex } from './named-credentials.ts'
import type { Platform } from './platform.ts'
import {
  listBasicCredentials,
  listNamedCredentials,
  type BasicCredential,
  type NamedCredential,
} from './store.ts'

/**
 * Identifies platforms by their credentials, from memory: a request needs no query. Each method
 * throws a BrokerError `unavailable` while no credential is known, because one was removed or set
 * back past Kontor before this process began.
 */
export interface SignIn {
  /** @param authorization  the Authorization header as sent */
  platformOf(authorization: string | undefined): Platform | undefined
  /** @param issuer  of a verified token  @param subject  the value of its claim for platforms */
  platformOfToken(issuer: string, subject: string): Platform | undefined
  /** @param names  of a verified certificate, such as `dns:cf.example` or `sha256:...` */
  platformOfCertificate(names: readonly string[]): Platform | undefined
  /** @param platformIds  only these platforms have changed; undefined: anything may have */
  reload(platformIds?: readonly string[]): Promise<void>
}

const maxVerifiedHeaders = 10_000

export interface SignInDeps {
  readonly db: Db
  readonly vault: Vault
  /** Records each use of a valid credential. */
  readonly lastUsed: LastUsed
  readonly renewals: Pick<DigestRenewals, 'note'>
  /** A platform that it does not know cannot sign in. It is reloaded before the credentials. */
  readonly directory: Pick<Directory, 'platform' | 'readingStamp'>
}

export async function openSignIn(deps: SignInDeps): Promise<SignIn> {
  const { db, vault, lastUsed, renewals, directory } = deps
  let credentials = await readCredentials(db, directory)
  const placeholderDigest = vault.digest('')
  // Caches valid headers by their digest, because a platform sends the same header every time. The
  // cache neither stores nor compares a secret.
  let verifiedHeaders = new Map<string, BasicCredential>()
  const verify = (authorization: string): BasicCredential | undefined => {
    const given = readBasic(authorization)
    if (given === undefined) return undefined
    const row = credentials.basic.get(given.username)
    // An unknown username takes as long as a wrong password. Passwords are generated and long, so
    // that a keyed digest is enough; a slow password hash would cost tens of milliseconds a
    // request.
    const known = row?.passwordDigest ?? placeholderDigest
    // The row's MAC says that Kontor made the digest, with whatever key.
    const isValid = vault.isDigestOf(known, given.password, { acceptsRetired: true })
    if (!isValid || row === undefined) return undefined
    const renewed = vault.renewedDigest(known, given.password)
    if (renewed !== undefined) renewals.note(row.id, known, renewed)
    return row
  }
  const platformUsing = (credential: NamedCredential | undefined): Platform | undefined => {
    if (!credentials.areKnown) throw credentialsUnknown()
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
      else if (!credentials.areKnown) throw credentialsUnknown()
      return credential?.platform
    },
    platformOfToken: (issuer, subject) => platformUsing(credentials.named.ofToken(issuer, subject)),
    platformOfCertificate: (names) => platformUsing(credentials.named.ofCertificate(names)),
    reload: coalesceKeys(async (platformIds) => {
      const { rows, areKnown, reading } = credentials
      // A directory that read everything may have left out platforms that were not announced.
      const isAsRead = reading === directory.readingStamp()
      if (platformIds === undefined) credentials = await readCredentials(db, directory, credentials)
      else if (!isAsRead || areOf(rows, platformIds))
        credentials = { ...credentialsOf(directory, rows), areKnown }
      else return
      verifiedHeaders = new Map()
    }),
  }
}

interface CredentialRows {
  readonly basic: readonly BasicCredential[]
  readonly named: readonly NamedCredential[]
}

interface Credentials {
  /** All that are right, of unknown platforms too. */
  readonly rows: CredentialRows
  readonly basic: ReadonlyMap<string, BasicCredential>
  readonly named: NamedCredentialIndex
  readonly areKnown: boolean
  /** The reading of the directory by which closed and unknown platforms were left out. */
  readonly reading: object
}

/**
 * Leaves out credentials and platforms that were changed past Kontor. When one is missing or old,
 * adds none to those of `before`, because one that was revoked may be back.
 */
async function readCredentials(
  db: Db,
  directory: SignInDeps['directory'],
  before?: Credentials,
): Promise<Credentials> {
  const { data, checks } = await readSealed(db, ['platform_credentials'], async (tx) => ({
    basic: await listBasicCredentials(tx),
    named: await listNamedCredentials(tx),
  }))
  const { isWhole, damaged } = checks.platform_credentials
  const isRight = ({ id }: { readonly id: string }) => !damaged.has(id)
  if (isWhole)
    return credentialsOf(directory, {
      basic: data.basic.filter(isRight),
      named: data.named.filter(isRight),
    })
  if (before?.areKnown === true) {
    // One that is gone was revoked, or SQL has removed it: either way it lets in no one.
    const present = new Set([...data.basic, ...data.named].filter(isRight).map(({ id }) => id))
    const isPresent = ({ id }: { readonly id: string }) => present.has(id)
    return credentialsOf(directory, {
      basic: before.rows.basic.filter(isPresent),
      named: before.rows.named.filter(isPresent),
    })
  }
  return { ...credentialsOf(directory, { basic: [], named: [] }), areKnown: false }
}

function credentialsOf(directory: SignInDeps['directory'], rows: CredentialRows): Credentials {
  const known = <Row extends NamedCredential | BasicCredential>(all: readonly Row[]): Row[] =>
    all.flatMap((row) => {
      // Not as the join has it: the directory leaves out what was changed past Kontor.
      const platform = directory.platform(row.platform.id)
      // A release that did not know consoles may have issued a credential to one.
      const isClosed = platform?.state === 'retired' || platform?.kind === 'console'
      return platform === undefined || isClosed ? [] : [{ ...row, platform }]
    })
  return {
    rows,
    basic: new Map(known(rows.basic).map((row) => [row.username, row])),
    named: indexNamedCredentials(known(rows.named)),
    areKnown: true,
    reading: directory.readingStamp(),
  }
}

function areOf({ basic, named }: CredentialRows, platformIds: readonly string[]): boolean {
  const isOf = ({ platform }: NamedCredential | BasicCredential) =>
    platformIds.includes(platform.id)
  return basic.some(isOf) || named.some(isOf)
}

function credentialsUnknown(): BrokerError {
  return new BrokerError(
    'unavailable',
    'Credentials of platforms were changed past Kontor. An operator must look at them first.',
    { retryAfterSeconds: 30 },
  )
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
