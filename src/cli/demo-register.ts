import { changeProvider } from '../administration/change-provider.ts'
import { registerProvider } from '../administration/register-provider.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { lookUpProviderByName } from '../providers/look-up-provider.ts'
import { commandLineCaller } from '../tenancy/caller.ts'
import type { DataCentre } from './demo-data-centres.ts'
import { registerDemoTenants } from './demo-tenants.ts'

const caller = commandLineCaller('demo')

interface Credentials {
  username: string
  password: string
}

/** Registers the data centres, and updates the addresses that changed since the last start. */
export async function registerDemo(
  runtime: Runtime,
  dataCentres: readonly DataCentre[],
  credentials: Credentials,
  known: Record<string, Credentials>,
): Promise<Record<string, Credentials>> {
  // One after the other: the catalog lists providers in the order of their registration.
  for (const dataCentre of dataCentres) await registerOne(runtime, dataCentre, credentials)
  const registered = await registerDemoTenants(runtime, known)
  await runtime.refresh()
  return registered
}

async function registerOne(
  runtime: Runtime,
  { name, displayName, url }: DataCentre,
  credentials: Credentials,
): Promise<void> {
  const settings = { url, timeoutSeconds: 30 }
  const provider = await lookUpProviderByName(runtime.db, name)
  if (provider === undefined) {
    await registerProvider(runtime, caller, {
      name,
      displayName,
      backend: 'osb',
      settings,
      credentials,
      refreshSeconds: 10,
    })
  } else if (provider.settings['url'] !== url) {
    await changeProvider(runtime, caller, provider.id, { settings, credentials })
  }
}
