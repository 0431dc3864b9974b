// Values that a person might order with a schema: its examples, else the least and the most of it.
type Schema = Readonly<Record<string, unknown>>

export function samplesOf(schema: Schema): readonly unknown[] {
  const { examples } = schema
  return Array.isArray(examples)
    ? examples
    : [sampleOf(schema, schema, false), sampleOf(schema, schema, true)]
}

function sampleOf(root: Schema, given: Schema, isMost: boolean): unknown {
  const schema = merged(root, given)
  const { examples, enum: values, default: usual } = schema
  if ('const' in schema) return schema['const']
  if (Array.isArray(values)) return isMost ? values.at(-1) : values.find((each) => each !== null)
  if (Array.isArray(examples)) return examples[0]
  if (usual !== undefined && usual !== null && !isMost) return usual
  const [branch] = [schema['oneOf'] ?? schema['anyOf'] ?? []].flat() as Schema[]
  if (branch !== undefined) return sampleOf(root, branch, isMost)
  const type = [schema['type'] ?? (schema['properties'] ? 'object' : 'string')].flat()[0]
  switch (type) {
    case 'object':
      return objectSample(root, schema, isMost)
    case 'array':
      return Array.from({ length: Number(schema['minItems'] || (isMost ? 1 : 0)) }, () =>
        sampleOf(root, (schema['items'] ?? {}) as Schema, isMost),
      )
    case 'boolean':
      return isMost
    case 'integer':
    case 'number':
      return numberSample(schema, isMost)
    default:
      return textSample(schema, usual)
  }
}

function merged(root: Schema, given: Schema): Schema {
  const { $ref = '' } = given as { readonly $ref?: string }
  const target = $ref
    .split('/')
    .slice(1)
    .reduce<unknown>((at, key) => (at as Schema)[key], root) as Schema
  const schema = $ref === '' ? given : { ...merged(root, target), ...given }
  const parts = (schema['allOf'] ?? []) as Schema[]
  return Object.assign({}, schema, ...parts.map((part) => merged(root, part))) as Schema
}

function objectSample(root: Schema, schema: Schema, isMost: boolean): unknown {
  const { properties = {}, required = [], additionalProperties } = schema
  const entries = Object.entries(properties as Record<string, Schema>)
    .filter(([key, part]) => isMost || (required as string[]).includes(key) || part['default'])
    .filter(([, part]) => part['readOnly'] !== true)
    .map(([key, part]) => [key, sampleOf(root, part, isMost)] as const)
  const free = additionalProperties as Schema | undefined
  const others = isMost && typeof free === 'object' ? { further: sampleOf(root, free, isMost) } : {}
  return { ...others, ...Object.fromEntries(entries) }
}

function numberSample(schema: Schema, isMost: boolean): number {
  const limit = (keyword: string) => schema[keyword] as number | undefined
  const step = limit('multipleOf') ?? (schema['type'] === 'number' ? 0.25 : 1)
  const low = limit('minimum') ?? (limit('exclusiveMinimum') ?? 0) + step
  const wanted = isMost ? Math.min(limit('maximum') ?? low + 1000 * step, 1e9) : low
  return Number((Math.floor(wanted / step) * step).toFixed(4))
}

function textSample({ format, minLength = 1, maxLength = 60 }: Schema, usual: unknown): string {
  if (typeof usual === 'string') return usual
  const words: Readonly<Record<string, string>> = {
    email: 'team@amt.example.org',
    uri: 'https://amt.example.org/a?b=1',
    date: '2026-12-31',
    password: 'Geheim-und-lang-genug',
  }
  const text = words[String(format)] ?? 'Ä "text" & <mehr>'
  return text.padEnd(Number(minLength), 'x').slice(0, Number(maxLength))
}
