// The plans of an offering as Cloud Foundry takes them.
import { isObject } from '../inspection.ts'
import { schemaLocations } from '../plan-schemas.ts'
import { fitSchema } from './fit-schema.ts'
import type { Schema } from './rewriting.ts'

type Body = Readonly<Record<string, unknown>>

/** A parameter schema that Cloud Foundry does not take. */
export interface UnfitSchema {
  /** JSON pointer below `schemas`. */
  readonly location: string
  /** Ends a sentence about the schema. */
  readonly problem: string
}

/**
 * Rewrites the parameter schemas of a plan for Cloud Foundry, and leaves out those that cannot be
 * rewritten.
 * @param schemas  as inspection lets them through
 */
export function fitSchemas(schemas: Body): { schemas: Body; unfit: UnfitSchema[] } {
  const unfit: UnfitSchema[] = []
  const fitted: Record<string, unknown> = { ...schemas }
  for (const [group, action] of schemaLocations) {
    const actions = fitted[group]
    const holder = isObject(actions) ? actions[action] : undefined
    if (!isObject(holder) || !isObject(holder['parameters'])) continue
    const result = fitSchema(holder['parameters'])
    const { parameters: _given, ...rest } = holder
    fitted[group] = {
      ...(actions as Schema),
      [action]: result.kind === 'fits' ? { ...rest, parameters: result.schema } : rest,
    }
    if (result.kind === 'unfit')
      unfit.push({ location: `/${group}/${action}/parameters`, problem: result.problem })
  }
  return { schemas: fitted, unfit }
}

/**
 * The body of a published plan for a platform of kind `cloudfoundry`; the same object if it has no
 * schemas.
 */
export function planForCloudFoundry(body: Body): Body {
  const { schemas } = body
  if (!isObject(schemas)) return body
  return { ...body, schemas: fitSchemas(schemas).schemas }
}

/** The same without any parameter schema. */
export function withoutSchemas({ schemas: _schemas, ...rest }: Body): Body {
  return rest
}
