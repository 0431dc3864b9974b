import { refreshCatalog } from '../catalog/refresh.ts'
import type { Runtime } from '../runtime.ts'
import { changeProvider } from '../providers/change.ts'
import { lookUpProviderByName } from '../providers/look-up.ts'
import { registerProvider } from '../providers/register.ts'
import { commandLineCaller } from '../tenancy/caller.ts'
import type { DataCentre } from './demo-data-centres.ts'
import { registerDemoTenants } from './demo-tenants.ts'

const caller = commandLineCaller('demo')

interface Credentials {
  username: string
  password: string
}

/** Registers what is not registered yet, and puts addresses right that have changed since the last start. */
export async function registerDemo(
  runtime: Runtime,
  dataCentres: readonly DataCentre[],
  credentials: Credentials,
  known: Record<string, Credentials>,
): Promise<Record<string, Credentials>> {
  // One after the other: the catalog lists providers in the order of their registration.
  for (const dataCentre of dataCentres) await registerOne(runtime, dataCentre, credentials)
  await runtime.catalog.reload()
  return registerDemoTenants(runtime, known)
}

async function registerOne(
  runtime: Runtime,
  { name, displayName, url }: DataCentre,
  credentials: Credentials,
): Promise<void> {
  const settings = { url, timeoutSeconds: 30 }
  const signal = AbortSignal.timeout(20_000)
  const provider = await lookUpProviderByName(runtime.db, name)
  if (provider === undefined) {
    const { id } = await registerProvider(runtime, caller, {
      name,
      displayName,
      backend: 'osb',
      settings,
      credentials,
      refreshSeconds: 10,
    })
    await refreshCatalog(runtime, id, signal)
  } else if (provider.settings['url'] !== url) {
    await changeProvider(runtime, caller, provider.id, { settings, credentials })
    runtime.backends.forget(provider.id)
    await refreshCatalog(runtime, provider.id, signal)
  }
}
