import type { PlanSchemas } from '../../types.gen.ts'
import { withoutInvisible } from '../../visible-text.ts'
import { isObject } from '../inspection.ts'
import { schemaLocations } from '../plan-schemas.ts'
import { schemaLists, schemaMaps, singleSchemas } from '../schema-keywords.ts'

const annotations: readonly string[] = ['title', 'description']

/**
 * Parameter schemas without invisible characters in their titles and descriptions, which forms show
 * to people. Names of properties and values that orders may hold stay as they are.
 */
export function withVisibleSchemas(schemas: PlanSchemas): PlanSchemas {
  const clean: Record<string, unknown> = { ...schemas }
  for (const [group, action] of schemaLocations) {
    const actions = clean[group]
    const holder = isObject(actions) ? actions[action] : undefined
    if (!isObject(actions) || !isObject(holder) || holder['parameters'] === undefined) continue
    clean[group] = {
      ...actions,
      [action]: { ...holder, parameters: visible(holder['parameters']) },
    }
  }
  return clean
}

// Not deeper than storable.ts allows.
function visible(schema: unknown): unknown {
  return isObject(schema) ? mapped(schema, visibleKeyword) : schema
}

function visibleKeyword(value: unknown, keyword: string): unknown {
  if (typeof value === 'string')
    return annotations.includes(keyword) ? withoutInvisible(value) : value
  if (Array.isArray(value)) return schemaLists.includes(keyword) ? value.map(visible) : value
  if (!isObject(value)) return value
  if (schemaMaps.includes(keyword)) return mapped(value, visible)
  return singleSchemas.includes(keyword) ? visible(value) : value
}

function mapped(
  parts: Readonly<Record<string, unknown>>,
  change: (part: unknown, key: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, change(part, key)]))
}
