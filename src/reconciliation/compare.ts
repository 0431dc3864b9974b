// What we hold against what a provider tells. Only what both sides have is compared, and only names leave this file, but
// for ids and versions.
import { isDeepStrictEqual } from 'node:util'
import type { InstanceFacts } from '../backends/backend.ts'
import type { BindingRequest, BindingResult } from '../bindings/binding.ts'
import type { Instance } from '../instances/instance.ts'
import type { FindingFacts } from '../types.gen.ts'
import type { FindingDetails, Suspicion } from './finding.ts'

export interface Difference {
  readonly fields: readonly string[]
  readonly ours: FindingFacts
  readonly theirs: FindingFacts
  readonly evidence: unknown
}

/** `agreed`: the fields that both sides have, and in which they are the same. */
export interface Compared {
  readonly agreed: readonly string[]
  readonly difference: Difference | undefined
}

type Values = Readonly<Record<string, unknown>>

const maxFields = 50
const longest = 255
// Deeper ones are compared as they are.
const deepest = 8

/** @param parameters  opened; undefined: we hold none */
export function compareInstance(
  instance: Instance,
  parameters: Values | undefined,
  facts: InstanceFacts,
): Compared {
  const comparing = startComparing()
  comparing.shown('service_id', 'serviceId', instance.upstreamServiceId, facts.serviceId)
  comparing.shown('plan_id', 'planId', instance.upstreamPlanId, facts.planId)
  comparing.shown(
    'maintenance_info.version',
    'maintenanceVersion',
    instance.maintenanceVersion ?? undefined,
    facts.maintenanceInfo?.version,
  )
  // null on either side: there is none. A link may hold a token, so it is not shown.
  comparing.link('dashboard_url', instance.dashboardUrl, facts.dashboardUrl)
  comparing.keys('parameters', parameters, facts.parameters)
  return comparing.end()
}

export function compareBinding(
  result: BindingResult,
  { parameters }: BindingRequest,
  facts: BindingResult,
): Compared {
  const comparing = startComparing()
  for (const field of ['syslog_drain_url', 'route_service_url'] as const)
    comparing.link(field, result[field], facts[field])
  for (const field of ['volume_mounts', 'endpoints'] as const)
    comparing.hidden(field, result[field], facts[field])
  comparing.secret('credentials', result.credentials, facts.credentials)
  comparing.shown(
    'metadata.expires_at',
    'expiresAt',
    result.metadata?.expires_at,
    facts.metadata?.expires_at,
  )
  const told = facts['parameters']
  comparing.keys('parameters', parameters, isObject(told) ? told : undefined)
  return comparing.end()
}

function startComparing() {
  const [fields, agreed]: [string[], string[]] = [[], []]
  const [ours, theirs]: [FindingFacts, FindingFacts] = [{}, {}]
  const evidence: unknown[] = []
  const differs = (field: string, mine: unknown, told: unknown): boolean => {
    if (mine === undefined || told === undefined) return false
    const isSame = isDeepStrictEqual(mine, told)
    ;(isSame ? agreed : fields).push(field)
    return !isSame
  }
  const hidden = (field: string, mine: unknown, told: unknown): void => {
    if (differs(field, mine, told)) evidence.push(told)
  }
  const keys = (
    field: string,
    mine: Values | undefined,
    told: Values | undefined,
    depth = 0,
  ): void => {
    if (mine === undefined || told === undefined) return
    for (const [key, value] of Object.entries(mine)) {
      if (!Object.hasOwn(told, key)) continue
      const [path, theirs] = [shortened(`${field}.${key}`), told[key]]
      if (!isObject(value) || !isObject(theirs) || depth === deepest) hidden(path, value, theirs)
      else {
        agreed.push(path)
        keys(path, value, theirs, depth + 1)
      }
    }
  }
  return {
    hidden,
    shown(
      field: string,
      name: keyof FindingFacts,
      mine: string | undefined,
      told: string | undefined,
    ): void {
      if (!differs(field, mine, told)) return
      ours[name] = shortened(mine ?? '')
      theirs[name] = shortened(told ?? '')
    },
    // Not even in the evidence: a provider may make another token for each who asks.
    secret: differs,
    // Nor what such a token stands in.
    link: (field: string, mine: unknown, told: unknown): void => {
      hidden(field, withoutQuery(mine), withoutQuery(told))
    },
    /** Key by key; what only one side has is a default of the provider's, or something that it does not tell. */
    keys,
    end: (): Compared => ({
      agreed,
      difference:
        fields.length === 0
          ? undefined
          : { fields: fields.toSorted().slice(0, maxFields), ours, theirs, evidence },
    }),
  }
}

function withoutQuery(link: unknown): unknown {
  return typeof link === 'string' ? link.split(/[?#]/, 1)[0] : link
}

export function different(
  of: Omit<Suspicion, 'kind' | 'details'>,
  { fields, ours, theirs, evidence }: Difference,
): Suspicion {
  return { ...of, kind: 'different', evidence, details: differing(fields, { ours, theirs }) }
}

/** `details` with these fields, and a text that names them. */
export function differing(
  fields: readonly string[],
  details: Omit<FindingDetails, 'text'>,
): FindingDetails {
  const kept = fields.slice(0, maxFields)
  return {
    ...details,
    text: `The provider tells something else: ${kept.join(', ')}.`,
    fields: kept,
  }
}

export function shortened(text: string): string {
  return text.length <= longest ? text : text.slice(0, longest).toWellFormed()
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
