// A request body that is valid by a JSON Schema, generated from the schema alone.

type Schema = Readonly<Record<string, unknown>>

const words = [
  'sample',
  'a',
  '2.17',
  '01a2078b-fbbe-7b44-b497-56d4ba8d5a71',
  'https://sample.example',
  '2026-11-23T00:00:00Z',
  'dns:sample.example',
  '1',
  'SAMPLE',
  '0.01',
]

/** @param components  the targets of `#/components/schemas/name` */
export function sampleOf(schema: Schema, components: Readonly<Record<string, Schema>>): unknown {
  const ref = schema['$ref']
  if (typeof ref === 'string')
    return sampleOf(components[ref.split('/').at(-1) ?? ''] ?? {}, components)
  for (const name of ['examples', 'enum'] as const)
    if (Array.isArray(schema[name])) return (schema[name] as unknown[])[0]
  for (const name of ['anyOf', 'oneOf'] as const)
    if (Array.isArray(schema[name]) && !('properties' in schema))
      return sampleOf((schema[name] as Schema[])[0] ?? {}, components)
  if ('example' in schema) return schema['example']
  if ('const' in schema) return schema['const']
  switch ([schema['type']].flat()[0]) {
    case 'string':
      return sampleText(schema)
    case 'integer':
    case 'number':
      return (
        schema['minimum'] ??
        (typeof schema['exclusiveMinimum'] === 'number' ? schema['exclusiveMinimum'] + 1 : 1)
      )
    case 'boolean':
      return true
    case 'array':
      return Array.from({ length: Number(schema['minItems'] ?? 0) }, () =>
        sampleOf(schema['items'] as Schema, components),
      )
    case 'object':
      return sampleObject(schema, components)
    default:
      return 'properties' in schema ? sampleObject(schema, components) : {}
  }
}

function sampleText({ pattern, minLength = 0, maxLength = Infinity }: Schema): string {
  const fits = (word: string) =>
    word.length >= Number(minLength) &&
    word.length <= Number(maxLength) &&
    (typeof pattern !== 'string' || new RegExp(pattern, 'u').test(word))
  return words.find(fits) ?? 'x'.repeat(Number(minLength))
}

function sampleObject(
  schema: Schema,
  components: Readonly<Record<string, Schema>>,
): Record<string, unknown> {
  const properties = (schema['properties'] as Record<string, Schema> | undefined) ?? {}
  const required = (schema['required'] as readonly string[] | undefined) ?? []
  const names =
    required.length >= Number(schema['minProperties'] ?? 0)
      ? required
      : Object.keys(properties).slice(0, Number(schema['minProperties']))
  return Object.fromEntries(
    names.map((name) => [name, sampleOf(properties[name] ?? {}, components)]),
  )
}
