// What we hold against what a provider tells. Only what both sides have is compared, and only names leave this file, but
// for ids and versions.
import { isDeepStrictEqual } from 'node:util'
import type { InstanceFacts } from '../backends/backend.ts'
import type { BindingRequest, BindingResult } from '../bindings/binding.ts'
import type { Instance } from '../instances/instance.ts'
import type { FindingFacts } from '../types.gen.ts'
import type { Suspicion } from './finding.ts'

export interface Difference {
  readonly fields: readonly string[]
  readonly ours: FindingFacts
  readonly theirs: FindingFacts
  readonly evidence: unknown
}

type Values = Readonly<Record<string, unknown>>

const mostFields = 50
const longest = 255

/** @param parameters  opened; undefined: we hold none */
export function compareInstance (instance: Instance, parameters: Values | undefined, facts: InstanceFacts): Difference | undefined {
  const comparing = startComparing()
  comparing.shown('service_id', 'serviceId', instance.upstreamServiceId, facts.serviceId)
  comparing.shown('plan_id', 'planId', instance.upstreamPlanId, facts.planId)
  comparing.shown('maintenance_info.version', 'maintenanceVersion', instance.maintenanceVersion ?? undefined, facts.maintenanceInfo?.version)
  // null on either side: there is none. A link may hold a token, so it is not shown.
  comparing.hidden('dashboard_url', instance.dashboardUrl, facts.dashboardUrl)
  comparing.keys('parameters', parameters, facts.parameters)
  return comparing.end()
}

export function compareBinding (result: BindingResult, { parameters }: BindingRequest, facts: BindingResult): Difference | undefined {
  const comparing = startComparing()
  for (const field of ['syslog_drain_url', 'route_service_url', 'volume_mounts', 'endpoints'] as const) comparing.hidden(field, result[field], facts[field])
  comparing.secret('credentials', result.credentials, facts.credentials)
  comparing.shown('metadata.expires_at', 'expiresAt', result.metadata?.expires_at, facts.metadata?.expires_at)
  const told = facts['parameters']
  comparing.keys('parameters', parameters, isObject(told) ? told : undefined)
  return comparing.end()
}

function startComparing () {
  const fields: string[] = []
  const [ours, theirs]: [FindingFacts, FindingFacts] = [{}, {}]
  const evidence: unknown[] = []
  const differs = (mine: unknown, told: unknown) => mine !== undefined && told !== undefined && !isDeepStrictEqual(mine, told)
  const hidden = (field: string, mine: unknown, told: unknown): void => {
    if (!differs(mine, told)) return
    fields.push(field)
    evidence.push(told)
  }
  return {
    hidden,
    shown (field: string, name: keyof FindingFacts, mine: string | undefined, told: string | undefined): void {
      if (!differs(mine, told)) return
      fields.push(field)
      ours[name] = shortened(mine ?? '')
      theirs[name] = shortened(told ?? '')
    },
    // Not even in the evidence: a provider may make another token for each who asks.
    secret (field: string, mine: unknown, told: unknown): void {
      if (differs(mine, told)) fields.push(field)
    },
    /** Key by key; what only one side has is a default of the provider's, or something that it does not tell. */
    keys (field: string, mine: Values | undefined, told: Values | undefined): void {
      if (mine === undefined || told === undefined) return
      for (const key of Object.keys(mine)) if (Object.hasOwn(told, key)) hidden(`${field}.${shortened(key)}`, mine[key], told[key])
    },
    end: (): Difference | undefined => fields.length === 0 ? undefined : { fields: fields.toSorted().slice(0, mostFields), ours, theirs, evidence }
  }
}

export function different (of: Omit<Suspicion, 'kind' | 'details'>, { fields, ours, theirs, evidence }: Difference): Suspicion {
  return { ...of, kind: 'different', evidence, details: { text: `The provider tells something else: ${fields.join(', ')}.`, fields: [...fields], ours, theirs } }
}

export function shortened (text: string): string {
  return text.length <= longest ? text : text.slice(0, longest).toWellFormed()
}

function isObject (value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
