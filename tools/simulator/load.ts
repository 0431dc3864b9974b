import { readFile } from 'node:fs/promises'
import { isObject } from './call.ts'
import { readCatalog } from './read-catalog.ts'
import type { OsbCatalog, ServiceBehaviour } from './types.ts'

export interface Loaded {
  provider: string
  catalog: OsbCatalog
  behaviours: Record<string, ServiceBehaviour>
}

/** An input that the user can correct; its message is the one sentence shown. */
export class InputError extends Error {}

/**
 * An OSB catalog as JSON or YAML, perhaps with "provider" and "behaviours" beside "services", or a
 * demo catalog.
 */
export async function loadCatalog(file: string, provider: string | undefined): Promise<Loaded> {
  const value = await parseFile(file)
  if (isObject(value) && isObject(value['meta'])) {
    const { convertDemoCatalog, isDemoCatalog } = await import('./demo-catalog.ts')
    if (isDemoCatalog(value)) return pickProvider(file, convertDemoCatalog(value), provider)
  }
  if (!isObject(value) || !Array.isArray(value['services']))
    throw new InputError(`The catalog ${file} has no list "services".`)
  const { provider: named, behaviours, ...catalog } = value
  return {
    provider: provider ?? (typeof named === 'string' ? named : 'simulator'),
    catalog: tryReadCatalog(file, catalog),
    behaviours: readBehaviours(file, behaviours),
  }
}

function pickProvider(
  file: string,
  providers: Array<{
    key: string
    catalog: OsbCatalog
    behaviours: Record<string, ServiceBehaviour>
  }>,
  key: string | undefined,
): Loaded {
  const keys = providers.map((provider) => provider.key).join(', ')
  if (key === undefined)
    throw new InputError(`${file} holds several providers: choose one with --provider (${keys}).`)
  const found = providers.find((provider) => provider.key === key)
  if (found === undefined) throw new InputError(`${file} has no provider "${key}": it has ${keys}.`)
  return { provider: found.key, catalog: found.catalog, behaviours: found.behaviours }
}

async function parseFile(file: string): Promise<unknown> {
  const text = await readText(file)
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text)
    } catch {
      // A YAML flow mapping begins alike, so YAML has the last word.
    }
  }
  const { parse } = await import('yaml')
  try {
    return parse(text)
  } catch (error) {
    throw new InputError(`The catalog ${file} is neither JSON nor YAML: ${firstLine(error)}`, {
      cause: error,
    })
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a directory'
          : firstLine(error)
    throw new InputError(`The catalog ${file} cannot be read: ${why}.`, { cause: error })
  }
}

function tryReadCatalog(file: string, value: unknown): OsbCatalog {
  try {
    return readCatalog(value)
  } catch (error) {
    throw new InputError(`The catalog ${file} cannot be used: ${firstLine(error)}`, {
      cause: error,
    })
  }
}

// Checked by hand: loading a validator here would double the time and memory of a start.
function readBehaviours(file: string, value: unknown): Record<string, ServiceBehaviour> {
  if (value === undefined) return {}
  if (!isObject(value))
    throw new InputError(
      `The catalog ${file} cannot be used: behaviours must be an object by service id.`,
    )
  for (const [id, behaviour] of Object.entries(value)) {
    if (isObject(behaviour) && ['sync', 'async'].includes(String(behaviour['mode']))) continue
    throw new InputError(
      `The catalog ${file} cannot be used: behaviours.${id}.mode must be sync or async.`,
    )
  }
  return value as Record<string, ServiceBehaviour>
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
