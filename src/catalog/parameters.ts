import { createHash } from 'node:crypto'
import type { Db } from '../db/database.ts'
import { BrokerError, stoppingError } from '../errors.ts'
import type { PlanSchemas } from '../types.gen.ts'
import { draftOf } from './draft.ts'
import { createParameterPool, usualLimits, type PoolLimits } from './parameter-pool.ts'
import { invalidParameters } from './invalid-parameters.ts'
import type { NamedSchema } from './parameter-thread.ts'
import type { CatalogPlan } from './snapshot.ts'
import { addNote } from './readings/store.ts'
import { createUnusableSchemas, type Unusable } from './unusable-schemas.ts'

type Schema = Readonly<Record<string, unknown>>
export type OrderKind = 'provision' | 'update' | 'bind'

export interface ParameterChecks {
  /**
   * Checks `parameters` against the plan's own schema. Undefined when they are valid, and when
   * there is nothing to check them with: no schema, one of an unknown draft, or one that is no
   * schema by the rules of its draft. The provider decides then.
   * @param platformId  whose order it is: platforms take turns
   * @returns `invalid_parameters` also when the check has no end, or its schema cannot be compiled
   * or is too large to be read, as 0.2.0 published some;
   * `rate_limited` when there was no check, because too many others were before it
   */
  validate(
    plan: CatalogPlan,
    kind: OrderKind,
    parameters: Schema | undefined,
    platformId: string,
  ): Promise<BrokerError | undefined>
  /**
   * The same, with all that is wrong at once: up to 20 errors of the schema, each with its `fault`.
   * It costs more, so it is for people who correct a form. Where the search for all of them takes
   * too long, it is the first one alone.
   */
  validateAll(
    plan: CatalogPlan,
    kind: OrderKind,
    parameters: Schema | undefined,
    platformId: string,
  ): Promise<readonly BrokerError[]>
  /** Refuses the checks that wait, now and later: the process stops. */
  endWaits(): void
  close(): Promise<void>
}

export interface ParameterDeps {
  readonly db: Db
  readonly now: () => Date
  readonly limits?: PoolLimits
  /** How many findings of a catalog are kept. */
  readonly maxFindings: number
  onUnusable(schema: UnusableSchema): void
  onBusy(providerId: string): void
  onError(error: Error): void
}

export interface UnusableSchema {
  readonly providerId: string
  readonly planId: string
  readonly problem: string
}

export function createParameterChecks(deps: ParameterDeps): ParameterChecks {
  const pool = createParameterPool(deps.limits ?? usualLimits, deps.onError)
  const unusable = createUnusableSchemas(deps.now)
  /** Schemas that were too costly for all errors at once: the first one has to do for a while. */
  const costly = createUnusableSchemas(deps.now)

  const report = async (
    plan: CatalogPlan,
    kind: OrderKind,
    digest: string,
    found: Unusable,
  ): Promise<void> => {
    const { providerId } = plan.target
    const isNew = unusable.add(providerId, digest, found)
    if (!isNew) return
    deps.onUnusable({ providerId, planId: plan.id, problem: found.problem })
    const subject = `"${plan.offering.name}", plan "${plan.name}": its schema for ${kind}`
    const { db, maxFindings } = deps
    await addNote(db, providerId, subject, consequenceOf(found), maxFindings).catch(deps.onError)
  }

  const checks: ParameterChecks = {
    async validate(plan, kind, parameters, platformId) {
      // Kontor reports it when it reads the catalog.
      if (parameters !== undefined && plan.omitted.includes('schemas'))
        return uncheckable(plan, { problem: 'it has too many values' })
      const schema = parameters === undefined ? undefined : schemaFor(plan, kind)
      // For an unknown draft there is a finding since the catalog was read.
      if (schema === undefined || draftOf(schema) === undefined) return undefined
      const named = nameOf(schema)
      const { providerId } = plan.target
      const checked =
        unusable.find(providerId, named.digest) ??
        (await pool.check({
          providerId,
          platformId,
          schema: named,
          value: parameters,
          extent: 'first',
        }))
      switch (checked.kind) {
        case 'valid':
          return undefined
        case 'invalid':
          return invalidParameters(checked.errors[0])
        case 'no_schema':
          // The caller can do nothing about it, and no thread at any time says otherwise: there is
          // nothing to check with, as if the plan had no schema.
          await report(plan, kind, named.digest, checked)
          return undefined
        case 'unusable':
        case 'endless':
          await report(plan, kind, named.digest, checked)
          return uncheckable(plan, checked)
        case 'busy':
          deps.onBusy(providerId)
          return busyError(checked.retryAfterMs)
        case 'stopping':
          return stoppingError()
        default:
          return checked satisfies never
      }
    },
    async validateAll(plan, kind, parameters, platformId) {
      const first = await checks.validate(plan, kind, parameters, platformId)
      if (first === undefined) return []
      const schema = schemaFor(plan, kind)
      if (first.details.fault === undefined || schema === undefined) return [first]
      const named = nameOf(schema)
      const { providerId } = plan.target
      if (costly.find(providerId, named.digest) !== undefined) return [first]
      const value = parameters
      const check = { providerId, platformId, schema: named, value, extent: 'all' } as const
      const checked = await pool.check(check)
      // Each such check would cost the platform a part of what its orders may use here.
      if (checked.kind === 'endless' || checked.kind === 'unusable')
        costly.add(providerId, named.digest, { kind: 'unusable', problem: checked.problem })
      const isListed = checked.kind === 'invalid' && checked.errors.length > 0
      return isListed ? checked.errors.map(invalidParameters) : [first]
    },
    endWaits: () => {
      pool.endWaits()
    },
    close: () => pool.close(),
  }
  return checks
}

function consequenceOf(found: Unusable): string {
  return {
    no_schema: `is not used to check parameters: ${found.problem}`,
    unusable: `cannot be used, so orders with parameters are refused: ${found.problem}`,
    endless: `cannot check some parameters, so such orders are refused: ${found.problem}`,
  }[found.kind]
}

function uncheckable(plan: CatalogPlan, { problem }: Pick<Unusable, 'problem'>): BrokerError {
  return new BrokerError(
    'invalid_parameters',
    `parameters cannot be checked against the schema of the plan "${plan.name}": ${problem}`,
  )
}

// 429 and never 503: after a 5xx a platform sends a delete for what may exist.
function busyError(retryAfterMs: number): BrokerError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000))
  return new BrokerError(
    'rate_limited',
    'The order was not accepted, because its parameters could not be checked in time: too many ' +
      "checks of this provider's orders were before it. Nothing was done; try again in " +
      `${seconds === 1 ? 'a second' : `${seconds} seconds`}.`,
    { retryAfterSeconds: seconds },
  )
}

function schemaFor(plan: CatalogPlan, kind: OrderKind): Schema | undefined {
  // inspectCatalog has checked the shape.
  const schemas = plan.body['schemas'] as PlanSchemas | undefined
  switch (kind) {
    case 'provision':
      return schemas?.service_instance?.create?.parameters
    case 'update':
      return schemas?.service_instance?.update?.parameters
    case 'bind':
      return plan.bindable ? schemas?.service_binding?.create?.parameters : undefined
    default:
      return kind satisfies never
  }
}

// A catalog in memory does not change, so each of its schemas is digested once.
const names = new WeakMap<Schema, NamedSchema>()

function nameOf(schema: Schema): NamedSchema {
  const known = names.get(schema)
  if (known !== undefined) return known
  const named = {
    schema,
    digest: createHash('sha256').update(JSON.stringify(schema)).digest('base64url'),
  }
  names.set(schema, named)
  return named
}
