// Listing fields: what a provider says for people in `metadata.dvc`, beyond the fields of the OSB
// profile. Platforms get `metadata` as it was sent; only the catalog for people reads this.
import { ajv, describeError, validatorOf } from '../../schemas.ts'
import type { ListingOffering, ListingPlan } from '../../types.gen.ts'
import { isObject } from '../inspection.ts'

/** A field that does not fit, and so is left out alone. */
export interface ListingFault {
  /** JSON pointer below `metadata`. */
  readonly pointer: string
  readonly problem: string
}

export interface Listing<Fields> {
  readonly fields: Fields
  readonly faults: readonly ListingFault[]
}

export const readOfferingListing = (metadata: unknown): Listing<ListingOffering> =>
  read<ListingOffering>('listing-offering', metadata)

export const readPlanListing = (metadata: unknown): Listing<ListingPlan> =>
  read<ListingPlan>('listing-plan', metadata)

const key = 'dvc'

type ListingSchema = 'listing-offering' | 'listing-plan'

function read<Fields extends object>(schema: ListingSchema, metadata: unknown): Listing<Fields> {
  const given = isObject(metadata) ? metadata[key] : undefined
  const fields: Record<string, unknown> = {}
  const faults: ListingFault[] = []
  if (given !== undefined && !isObject(given))
    faults.push({ pointer: `/${key}`, problem: `metadata.${key} must be object` })
  if (isObject(given))
    for (const name of namesOf(schema)) {
      const value = given[name]
      // In an optional field null means absent.
      if (value === undefined || value === null) continue
      const problem = problemOf(schema, name, value)
      if (problem === undefined) fields[name] = value
      else faults.push({ pointer: `/${key}/${name}`, problem })
    }
  // Each value has the shape that its schema says.
  return { fields: fields as Fields, faults }
}

const names = new Map<string, readonly string[]>()

function namesOf(schema: ListingSchema): readonly string[] {
  const known = names.get(schema)
  if (known !== undefined) return known
  const { properties } = validatorOf(schema).schema as { readonly properties: object }
  const found = Object.keys(properties)
  names.set(schema, found)
  return found
}

function problemOf(schema: ListingSchema, name: string, value: unknown): string | undefined {
  const validate = ajv.getSchema(`${schema}#/properties/${name}`)
  if (validate === undefined) throw new Error(`There is no schema of "${name}".`)
  if (validate(value) === true) return undefined
  const [error] = validate.errors ?? []
  return describeError(
    error === undefined ? undefined : { ...error, instancePath: `/${name}${error.instancePath}` },
    name,
  )
}
