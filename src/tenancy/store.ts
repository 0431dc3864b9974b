import type { Db, Tx } from '../db/database.ts'
import type { Platform } from './platform.ts'

/** @returns false when the name is taken */
export async function insertPlatform (tx: Tx, platform: Platform, now: Date): Promise<boolean> {
  const row = await tx.insertInto('platforms').values({ id: platform.id, name: platform.name, created_at: now })
    .onConflict((conflict) => conflict.doNothing()).returning('id').executeTakeFirst()
  return row !== undefined
}

export async function findPlatformByName (db: Db | Tx, name: string): Promise<Platform | undefined> {
  return db.selectFrom('platforms').select(['id', 'name']).where('name', '=', name).executeTakeFirst()
}

export async function insertCredential (tx: Tx, id: string, platformId: string, username: string, passwordDigest: Buffer, now: Date): Promise<void> {
  await tx.insertInto('platform_credentials').values({ id, platform_id: platformId, username, password_digest: passwordDigest, created_at: now }).execute()
}

export interface CredentialRow extends Platform {
  readonly username: string
  readonly passwordDigest: Buffer
}

export async function listCredentials (db: Db): Promise<CredentialRow[]> {
  const rows = await db.selectFrom('platform_credentials').innerJoin('platforms', 'platforms.id', 'platform_credentials.platform_id')
    .select(['platforms.id', 'platforms.name', 'platform_credentials.username', 'platform_credentials.password_digest']).execute()
  return rows.map((row) => ({ id: row.id, name: row.name, username: row.username, passwordDigest: row.password_digest }))
}
