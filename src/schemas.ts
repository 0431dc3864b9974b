// All of schemas/ in one ajv instance, for entry points, back ends and configuration.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { AllSchemas } from './types.gen.ts'

export type SchemaName = keyof AllSchemas

const folder = new URL('../schemas/', import.meta.url)

interface Schema {
  readonly $id: string
}

/**
 * Every schema of the folder, parsed. A file holds one, or as `$defs` several that belong together:
 * those of a noun are what an answer shows of it and what changes it.
 */
export const allSchemas: readonly Schema[] = readdirSync(folder, {
  recursive: true,
  encoding: 'utf8',
})
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => {
    const read = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as
      Schema | { readonly $defs: Readonly<Record<string, Schema>> }
    const schemas = '$id' in read ? [read] : Object.values(read.$defs)
    return schemas.map((schema) => ({ key: join(dirname(file), `${schema.$id}.json`), schema }))
  })
  .toSorted((a, b) => (a.key < b.key ? -1 : 1))
  .map(({ schema }) => schema)

/** Strict about the schemas; changes no data: nothing is coerced, removed or filled in. */
export const ajv = new Ajv2020({
  allErrors: false,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  // A test does it. Here it would be a quarter of the time that a reading thread takes to start.
  validateSchema: false,
  schemas: [...allSchemas],
})

/** The validator of one schema; compiled on first use. */
export function validatorOf<Name extends SchemaName>(
  name: Name,
): ValidateFunction<NonNullable<AllSchemas[Name]>> {
  const validate = ajv.getSchema<NonNullable<AllSchemas[Name]>>(name)
  if (validate === undefined) throw new Error(`There is no schema "${name}".`)
  return validate as ValidateFunction<NonNullable<AllSchemas[Name]>>
}

/** The `default` of each property of a schema that has one. ajv fills in none. */
export function defaultsOf(name: SchemaName): Readonly<Record<string, unknown>> {
  const { properties } = validatorOf(name).schema as {
    readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>
  }
  return Object.fromEntries(
    Object.entries(properties ?? {}).flatMap(([property, { default: value }]) =>
      value === undefined ? [] : [[property, value]],
    ),
  )
}

/** One ajv error as a sentence that names the field: `parameters.users must be integer`. */
export function describeError(error: ErrorObject | undefined, whole: string): string {
  if (error === undefined) return `${whole} is not valid`
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const field = path.join('.')
  const fieldIn = (name: unknown) => [...path, String(name)].join('.')
  switch (error.keyword) {
    case 'required':
      return `${fieldIn(error.params['missingProperty'])} is missing`
    case 'additionalProperties':
      return `${fieldIn(error.params['additionalProperty'])} is not a known field`
    case 'unevaluatedProperties':
      return `${fieldIn(error.params['unevaluatedProperty'])} is not a known field`
    case 'minLength':
      return error.params['limit'] === 1
        ? `${field || whole} must not be empty`
        : `${field || whole} must be at least ${String(error.params['limit'])} characters long`
    case 'enum':
      return `${field || whole} must be one of ${listed(error.params['allowedValues'])}`
    case 'const':
      return `${field || whole} must be ${JSON.stringify(error.params['allowedValue'])}`
    default:
      return `${field || whole} ${error.message ?? 'is not valid'}`
  }
}

function listed(values: unknown): string {
  return [values]
    .flat()
    .map((value) => JSON.stringify(value))
    .join(', ')
}
