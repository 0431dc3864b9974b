import { compile, type JSONSchema } from 'json-schema-to-typescript'
import { allSchemas } from '../src/schemas.ts'

/** All schemas as one TypeScript file; each schema's `title` is its type's name. */
export async function generateTypes(): Promise<{ file: string; text: string }> {
  const definitions = Object.fromEntries(
    allSchemas.map((schema) => [schema.$id, withLocalRefs(schema)]),
  )
  const root: JSONSchema = {
    $id: 'AllSchemas',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.keys(definitions).map((id) => [id, { $ref: `#/definitions/${id}` }]),
    ),
    definitions,
  }
  const text = await compile(root, 'AllSchemas', {
    bannerComment: '// Generated from schemas/ by "npm run gen". Do not edit.',
    additionalProperties: true,
    unreachableDefinitions: true,
    style: { semi: false, singleQuote: true },
  })
  return { file: 'src/types.gen.ts', text }
}

// "plan#/x" -> "#/definitions/plan/x": the compiler wants one document. $id and $schema would start
// a new one.
function withLocalRefs(schema: unknown): JSONSchema {
  if (Array.isArray(schema)) return schema.map(withLocalRefs) as JSONSchema
  if (schema === null || typeof schema !== 'object') return schema as JSONSchema
  const entries = Object.entries(schema).filter(
    ([key]) => key !== '$id' && key !== '$schema' && key !== 'examples',
  )
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string'
        ? `#/definitions/${value.replace('#', '')}`
        : withLocalRefs(value),
    ]),
  ) as JSONSchema
}
