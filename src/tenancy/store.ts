import type { DbOrTx } from '../db/database.ts'
import type { Mapping } from './mapping.ts'
import type { Organisation } from './organisation.ts'
import type { Platform } from './platform.ts'

const platformColumns = [
  'platforms.id',
  'platforms.name',
  'platforms.kind',
  'platforms.state',
  'platforms.organisation_id',
] as const

interface PlatformRow {
  id: string
  name: string
  kind: string
  state: string
  organisation_id: string | null
}

function platformOf(row: PlatformRow): Platform {
  return {
    id: row.id,
    name: row.name,
    // Check constraints limit both columns to these values.
    kind: row.kind as Platform['kind'],
    state: row.state as Platform['state'],
    organisationId: row.organisation_id,
  }
}

export async function listPlatforms(db: DbOrTx): Promise<Platform[]> {
  const rows = await db.selectFrom('platforms').select(platformColumns).execute()
  return rows.map(platformOf)
}

export async function findPlatform(db: DbOrTx, id: string): Promise<Platform | undefined> {
  const row = await db
    .selectFrom('platforms')
    .select(platformColumns)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && platformOf(row)
}

export async function listOrganisations(db: DbOrTx): Promise<Organisation[]> {
  const rows = await db
    .selectFrom('organisations')
    .select(['id', 'name', 'display_name', 'level', 'parent_id', 'state'])
    .execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    // Check constraints limit both columns to these values.
    level: row.level as Organisation['level'],
    state: row.state as Organisation['state'],
    parentId: row.parent_id,
  }))
}

/** Each with the id of its row. */
export async function listMappings(db: DbOrTx): Promise<Array<Mapping & { readonly id: string }>> {
  const rows = await db
    .selectFrom('organisation_mappings')
    .select(['id', 'platform_id', 'kind', 'external_id', 'organisation_id'])
    .execute()
  // A check constraint limits the column to these kinds.
  return rows.map((row) => ({
    id: row.id,
    platformId: row.platform_id,
    kind: row.kind as Mapping['kind'],
    externalId: row.external_id,
    organisationId: row.organisation_id,
  }))
}

export interface BasicCredential {
  readonly id: string
  readonly platform: Platform
  readonly username: string
  readonly passwordDigest: Buffer
}

/** The basic credentials of all platforms that are not retired. */
export async function listBasicCredentials(db: DbOrTx): Promise<BasicCredential[]> {
  const rows = await db
    .selectFrom('platform_credentials')
    .innerJoin('platforms', 'platforms.id', 'platform_credentials.platform_id')
    .select(platformColumns)
    .select([
      'platform_credentials.id as credential_id',
      'platform_credentials.username',
      'platform_credentials.password_digest',
    ])
    .where('platform_credentials.kind', '=', 'basic')
    .where('platforms.state', '!=', 'retired')
    .execute()
  return rows.flatMap((row) =>
    row.username === null || row.password_digest === null
      ? []
      : [
          {
            id: row.credential_id,
            platform: platformOf(row),
            username: row.username,
            passwordDigest: row.password_digest,
          },
        ],
  )
}

/**
 * A credential without a secret of Kontor: a token issuer or a certificate authority vouches for
 * the platform's name.
 */
export interface NamedCredential {
  readonly id: string
  readonly platform: Platform
  /** bearer: issuer and subject of tokens. mtls: the certificate's name (docs/sign-in.md). */
  readonly name:
    { readonly issuer: string; readonly subject: string } | { readonly certificate: string }
}

export async function listNamedCredentials(db: DbOrTx): Promise<NamedCredential[]> {
  const rows = await db
    .selectFrom('platform_credentials')
    .innerJoin('platforms', 'platforms.id', 'platform_credentials.platform_id')
    .select(platformColumns)
    .select(['platform_credentials.id as credential_id', 'issuer', 'subject', 'certificate_name'])
    .where('platform_credentials.kind', 'in', ['bearer', 'mtls'])
    .where('platforms.state', '!=', 'retired')
    .execute()
  return rows.flatMap((row): NamedCredential[] => {
    const { issuer, subject, certificate_name: certificate } = row
    const credential = { id: row.credential_id, platform: platformOf(row) }
    if (certificate !== null) return [{ ...credential, name: { certificate } }]
    return issuer === null || subject === null ? [] : [{ ...credential, name: { issuer, subject } }]
  })
}
