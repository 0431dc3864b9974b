import { refreshCatalog } from '../catalog/refresh.ts'
import type { House } from '../house.ts'
import { changeProvider } from '../providers/change.ts'
import { lookUpProviderByName } from '../providers/look-up.ts'
import { registerProvider } from '../providers/register.ts'
import type { DataCentre } from './demo-data-centres.ts'
import { registerDemoTenants } from './demo-tenants.ts'

interface Credentials {
  username: string
  password: string
}

/** Registers what is not registered yet, and puts addresses right that have changed since the last start. */
export async function registerDemo(
  house: House,
  dataCentres: readonly DataCentre[],
  credentials: Credentials,
  known: Record<string, Credentials>,
): Promise<Record<string, Credentials>> {
  // One after the other: the catalog lists providers in the order of their registration.
  for (const dataCentre of dataCentres) await registerOne(house, dataCentre, credentials)
  await house.catalog.reload()
  return registerDemoTenants(house, known)
}

async function registerOne(
  house: House,
  { name, displayName, url }: DataCentre,
  credentials: Credentials,
): Promise<void> {
  const settings = { url, timeoutSeconds: 30 }
  const signal = AbortSignal.timeout(20_000)
  const provider = await lookUpProviderByName(house.db, name)
  if (provider === undefined) {
    const { id } = await registerProvider(house, 'demo', {
      name,
      displayName,
      backend: 'osb',
      settings,
      credentials,
      refreshSeconds: 10,
    })
    await refreshCatalog(house, id, signal)
  } else if (provider.settings['url'] !== url) {
    await changeProvider(house, 'demo', provider.id, { settings, credentials })
    house.backends.forget(provider.id)
    await refreshCatalog(house, provider.id, signal)
  }
}
