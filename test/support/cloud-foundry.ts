// What Cloud Foundry's cloud controller checks of a parameter schema
// (lib/services/service_brokers/v2/schema.rb): any other draft is "Custom meta schemas are not
// supported", and each schema must conform to the meta-schema of draft-04.
import draft04 from 'ajv-draft-04'
import { Ajv } from 'ajv'

const metaSchema = new draft04.default({ validateFormats: false }).getSchema(
  'http://json-schema.org/draft-04/schema',
)

/** What it says against a schema; undefined if it takes it. */
export function refusalOfSchema(schema: Record<string, unknown>): string | undefined {
  if (Buffer.byteLength(JSON.stringify(schema)) > 65_536) return 'Must not be larger than 64KB'
  if (schema['type'] !== 'object') return 'must have field "type", with value "object"'
  if (metaSchema?.(schema) !== true)
    return `Must conform to JSON Schema Draft 04: ${new Ajv().errorsText(metaSchema?.errors)}`
  return refusalOfPart(schema)
}

function refusalOfPart(part: unknown): string | undefined {
  if (part === null || typeof part !== 'object') return undefined
  for (const [key, value] of Object.entries(part)) {
    if (key === '$schema' && typeof value === 'string' && !/\/draft-0[46]\/schema#?$/.test(value))
      return 'Custom meta schemas are not supported.'
    if (key === '$ref' && typeof value === 'string' && !value.startsWith('#'))
      return 'No external references are allowed'
    const refusal = refusalOfPart(value)
    if (refusal !== undefined) return refusal
  }
  return undefined
}
