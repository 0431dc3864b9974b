// Where a JSON Schema of any draft holds further schemas: all else is data, names or annotations.

/** Keywords that hold schemas under names. */
export const schemaMaps: readonly string[] = [
  'properties',
  'patternProperties',
  'definitions',
  '$defs',
  'dependencies',
  'dependentSchemas',
]

/** Keywords that hold a list of schemas. */
export const schemaLists: readonly string[] = ['allOf', 'anyOf', 'oneOf', 'items', 'prefixItems']

/** Keywords that hold one schema. */
export const singleSchemas: readonly string[] = [
  'not',
  'if',
  'then',
  'else',
  'items',
  'additionalItems',
  'unevaluatedItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'contentSchema',
]
