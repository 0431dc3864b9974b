// Answers as brokers give them that serialize every field of a structure, set or not.
import { readFileSync } from 'node:fs'
import { isObject } from './call.ts'
import type { StepResult } from './call.ts'
import type { Endpoint, Json } from './types.ts'

interface Schema {
  $ref?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
}

const answers: Record<Endpoint, string> = {
  catalog: 'osb/catalog',
  inventory: 'backends/osb-inventory',
  provision: 'osb/provision-response',
  update: 'osb/provision-response',
  deprovision: 'osb/delete-response',
  fetch_instance: 'osb/instance-response',
  last_operation: 'osb/last-operation-response',
  bind: 'osb/bind-response',
  unbind: 'osb/delete-response',
  fetch_binding: 'osb/bind-response',
  binding_last_operation: 'osb/last-operation-response',
}

/** The answer with `null` in each optional field of its schema that it does not have. */
export function fillWithNulls(endpoint: Endpoint, result: StepResult): StepResult {
  const { status, body } = result
  if (status === 304) return result
  const schema = readSchema(status < 400 ? answers[endpoint] : 'osb/error')
  // A catalog is rendered in advance, and not always as JSON.
  if (!Buffer.isBuffer(body)) return { ...result, body: filled(schema, body) as Json }
  if (!body.toString().startsWith('{')) return result
  return { ...result, body: filled(schema, JSON.parse(body.toString())) as Json }
}

function filled({ $ref, properties = {}, required = [], items }: Schema, value: unknown): unknown {
  if ($ref !== undefined) return filled(readSchema(`osb/${$ref.replace('#', '')}`), value)
  if (Array.isArray(value)) return items ? value.map((item) => filled(items, item)) : value
  if (!isObject(value)) return value
  const fields = Object.entries(properties).flatMap(([name, schema]) =>
    value[name] !== undefined
      ? [[name, filled(schema, value[name])] as const]
      : required.includes(name)
        ? []
        : [[name, null] as const],
  )
  return { ...value, ...Object.fromEntries(fields) }
}

const schemas = new Map<string, Schema>()

function readSchema(name: string): Schema {
  const known = schemas.get(name)
  if (known !== undefined) return known
  const file = new URL(`../../schemas/${name}.json`, import.meta.url)
  const schema = JSON.parse(readFileSync(file, 'utf8')) as Schema
  schemas.set(name, schema)
  return schema
}
