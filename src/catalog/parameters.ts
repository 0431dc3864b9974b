import { createHash } from 'node:crypto'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { describeError } from '../schemas.ts'
import type { CatalogFinding, PlanSchemas } from '../types.gen.ts'
import { draftOf } from './draft.ts'
import {
  createParameterThread,
  usualLimits,
  type NamedSchema,
  type ThreadLimits,
} from './parameter-thread.ts'
import type { CatalogPlan } from './snapshot.ts'
import { addFinding } from './readings/store.ts'
import { createUnusableSchemas } from './unusable-schemas.ts'

type Schema = Readonly<Record<string, unknown>>
export type OrderKind = 'provision' | 'update' | 'bind'

export interface ParameterChecks {
  /**
   * Checks `parameters` against the plan's own schema. Undefined when they are valid, and when they
   * cannot be checked: the provider decides then.
   */
  validate(
    plan: CatalogPlan,
    kind: OrderKind,
    parameters: Schema | undefined,
  ): Promise<BrokerError | undefined>
  close(): Promise<void>
}

export interface ParameterDeps {
  readonly db: Db
  readonly now: () => Date
  readonly limits?: ThreadLimits
  onSetAside(finding: SetAside): void
  onError(error: Error): void
}

export interface SetAside {
  readonly providerId: string
  readonly planId: string
  readonly problem: string
}

export function createParameterChecks(deps: ParameterDeps): ParameterChecks {
  const thread = createParameterThread(deps.limits ?? usualLimits)
  const unusable = createUnusableSchemas(deps.now)

  const setAside = async (
    plan: CatalogPlan,
    kind: OrderKind,
    digest: string,
    problem: string,
  ): Promise<void> => {
    const { providerId } = plan.target
    unusable.add(digest, providerId)
    const finding: CatalogFinding = {
      path: '/services',
      problem:
        `"${plan.offering.name}", plan "${plan.name}": its schema for ${kind} is not used ` +
        `to check parameters: ${problem}`,
      effect: 'note',
    }
    deps.onSetAside({ providerId, planId: plan.id, problem })
    await addFinding(deps.db, providerId, finding).catch(deps.onError)
  }

  return {
    async validate(plan, kind, parameters) {
      const schema = parameters === undefined ? undefined : schemaFor(plan, kind)
      // For an unknown draft there is a finding since the catalog was read.
      if (schema === undefined || draftOf(schema) === undefined) return undefined
      const named = nameOf(schema)
      if (unusable.has(named.digest, plan.target.providerId)) return undefined
      const checked = await thread.check(named, parameters)
      switch (checked.kind) {
        case 'valid':
        case 'skipped':
          return undefined
        case 'invalid':
          return new BrokerError('invalid_parameters', sentenceOf(checked.error))
        case 'unusable':
          // The caller can do nothing about a bad schema, so the order is accepted.
          await setAside(plan, kind, named.digest, checked.problem)
          return undefined
        case 'endless':
          await setAside(plan, kind, named.digest, checked.problem)
          return new BrokerError(
            'invalid_parameters',
            'parameters cannot be checked against the schema of the plan ' +
              `"${plan.name}": ${checked.problem}`,
          )
        default:
          return checked satisfies never
      }
    },
    close: () => thread.close(),
  }
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

// A schema may list a thousand values, too many for an error message.
const maxCharacters = 500

function sentenceOf(error: Parameters<typeof describeError>[0]): string {
  const sentence = describeError(
    error === undefined
      ? undefined
      : { ...error, instancePath: `/parameters${error.instancePath}` },
    'parameters',
  )
  const shortened =
    sentence.length > maxCharacters ? `${sentence.slice(0, maxCharacters)}...` : sentence
  return `${shortened}.`.toWellFormed()
}
