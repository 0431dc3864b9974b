import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { isObject } from './call.ts'
import { describeBehaviour, renderOffering } from './demo-render.ts'
import type { SourceProvider, SourceService } from './demo-source.ts'
import type { OsbCatalog, ServiceBehaviour } from './types.ts'

export interface DemoProvider {
  /** First word of the alias: nordwolke. */
  key: string
  /** The fictional alias; the real body's name and id are never given out. */
  displayName: string
  regions: string[]
  catalog: OsbCatalog
  behaviours: Record<string, ServiceBehaviour>
}

export function isDemoCatalog(value: unknown): boolean {
  return (
    isObject(value) && isObject(value['meta']) && value['meta']['dataset'] === 'dvc-demo-catalog'
  )
}

export function readDemoCatalog(file: string): DemoProvider[] {
  const data: unknown = parse(readFileSync(file, 'utf8'))
  if (!isDemoCatalog(data))
    throw new TypeError(`${file} is no demo catalog: meta.dataset is not dvc-demo-catalog.`)
  return convertDemoCatalog(data)
}

/**
 * One ready file for each provider: a forked simulator that reads JSON starts without yaml, in half
 * the time.
 */
export function writeProviderFiles(providers: DemoProvider[], folder: string): Map<string, string> {
  mkdirSync(folder, { recursive: true })
  return new Map(
    providers.map(({ key, catalog, behaviours }) => {
      const file = join(folder, `${key}.json`)
      writeFileSync(file, JSON.stringify({ provider: key, behaviours, ...catalog }))
      return [key, file]
    }),
  )
}

export function convertDemoCatalog(data: unknown): DemoProvider[] {
  const { providers, services } = data as { providers: SourceProvider[]; services: SourceService[] }
  return providers.map((provider) => {
    const own = services.filter((service) => service.provider === provider.id)
    return {
      key: (provider.alias.split(' ')[0] ?? provider.alias).toLowerCase(),
      displayName: provider.alias,
      regions: provider.regions,
      catalog: { services: own.map((service) => renderOffering(provider, service)) },
      behaviours: Object.fromEntries(
        own.map((service) => [service.id, describeBehaviour(service)]),
      ),
    }
  })
}
