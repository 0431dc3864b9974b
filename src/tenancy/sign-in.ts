import { timingSafeEqual } from 'node:crypto'
import type { Db } from '../db/database.ts'
import type { Vault } from '../vault/vault.ts'
import type { Platform } from './platform.ts'
import { listCredentials, type CredentialRow } from './store.ts'

/** Tells platforms by their credentials, from memory: no query on the way of a request. */
export interface SignIn {
  /** @param authorization  the header as sent */
  platformOf (authorization: string | undefined): Platform | undefined
  reload (): Promise<void>
}

export async function openSignIn (db: Db, vault: Vault): Promise<SignIn> {
  let known = await readCredentials(db)
  const nobody = vault.digest('')
  return {
    platformOf (authorization) {
      const given = readBasic(authorization)
      if (given === undefined) return undefined
      const row = known.get(given.username)
      // An unknown name costs the same as a wrong password. The passwords are generated and long, so that a keyed
      // digest is enough; a slow password hash would cost tens of milliseconds a request.
      const right = timingSafeEqual(row?.passwordDigest ?? nobody, vault.digest(given.password))
      return right && row !== undefined ? row : undefined
    },
    async reload () { known = await readCredentials(db) }
  }
}

async function readCredentials (db: Db): Promise<ReadonlyMap<string, CredentialRow>> {
  const rows = await listCredentials(db)
  return new Map(rows.map((row) => [row.username, row]))
}

function readBasic (authorization: string | undefined): { username: string, password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}
