import type { Runtime } from '../runtime/runtime.ts'
import { commandLineCaller } from '../tenancy/caller.ts'
import { createOrganisation } from '../tenancy/organisations/create.ts'
import { listOrganisations } from '../tenancy/organisations/read.ts'
import { issueCredential } from '../tenancy/credentials/issue.ts'
import { listCredentials } from '../tenancy/credentials/read.ts'
import { revokeCredential } from '../tenancy/credentials/revoke.ts'
import { mapScope } from '../tenancy/mappings/map.ts'
import { changePlatform } from '../tenancy/platforms/change.ts'
import { listPlatforms } from '../tenancy/platforms/read.ts'
import { registerPlatform } from '../tenancy/platforms/register.ts'
import type { CreateOrganisation, CreatePlatform } from '../types.gen.ts'

interface Credentials {
  username: string
  password: string
}

// Invented tenants.
const organisations: readonly CreateOrganisation[] = [
  { name: 'musterbund', displayName: 'Bundesamt für Beispiele (fiktiv)', level: 'bund' },
  {
    name: 'musterland',
    displayName: 'Land Musterland (fiktiv)',
    level: 'land',
    costCentres: [{ id: '1100', name: 'Landesrechenzentrum' }],
  },
  {
    name: 'musterstadt',
    displayName: 'Stadt Musterstadt (fiktiv)',
    level: 'kommune',
    parent: 'musterland',
    costCentres: [{ id: '4711', name: 'IT-Amt' }],
  },
]
const platforms = [
  {
    name: 'cloudfoundry-demo',
    displayName: 'Cloud Foundry of Musterland',
    kind: 'cloudfoundry',
    organisation: 'musterland',
  },
  {
    name: 'kubernetes-demo',
    displayName: 'Kubernetes of the Bundesamt',
    kind: 'kubernetes',
    organisation: 'musterbund',
  },
] as const satisfies readonly CreatePlatform[]

const caller = commandLineCaller('demo')
const pageSize = 200

/**
 * Creates three organisations, and two platforms of different ones, unless they exist.
 * @param known  name -> credentials, of an earlier start
 * @returns name -> credentials
 */
export async function registerDemoTenants(
  runtime: Runtime,
  known: Readonly<Record<string, Credentials>>,
): Promise<Record<string, Credentials>> {
  const present = new Set(
    (await listOrganisations(runtime.db, 'all', {}, pageSize)).items.map(({ name }) => name),
  )
  for (const organisation of organisations)
    if (!present.has(organisation.name)) await createOrganisation(runtime, caller, organisation)
  const credentials: Record<string, Credentials> = {}
  for (const platform of platforms) {
    const id = await registerOne(runtime, platform)
    credentials[platform.name] = known[platform.name] ?? (await replaceCredentials(runtime, id))
  }
  return credentials
}

async function registerOne(runtime: Runtime, platform: CreatePlatform): Promise<string> {
  const existing = (await listPlatforms(runtime.db, 'all', {}, pageSize)).items.find(
    ({ name }) => name === platform.name,
  )
  const id = existing?.id ?? (await registerPlatform(runtime, caller, platform))
  // A folder of an earlier release has the platform without its organisation.
  if (existing?.organisation === null)
    await changePlatform(runtime, caller, id, {
      kind: platform.kind ?? 'other',
      organisation: platform.organisation ?? null,
    })
  if (existing?.organisation == null && platform.kind === 'cloudfoundry')
    await mapScope(
      runtime,
      caller,
      { platform: id, kind: 'cf_organization', externalId: 'musterstadt' },
      'musterstadt',
    )
  return id
}

// Credentials that a killed start issued but did not save are lost: replace them.
async function replaceCredentials(runtime: Runtime, platformId: string): Promise<Credentials> {
  for (const { id } of (await listCredentials(runtime.db, platformId)).items)
    await revokeCredential(runtime, caller, platformId, id)
  const { username = '', password = '' } = await issueCredential(runtime, caller, platformId, {
    kind: 'basic',
  })
  return { username, password }
}
