// Compares what Kontor has stored with what a provider reports. Only fields that both sides have
// are compared, and only names of fields, ids and versions leave this file: values may be secret.
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
const maxCharacters = 255
// Deeper objects are compared as a whole.
const maxDepth = 8

/** @param parameters  opened; undefined: Kontor has stored none */
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
  // A link may contain a token, so it is not shown.
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
  const reported = facts['parameters']
  comparing.keys('parameters', parameters, isObject(reported) ? reported : undefined)
  return comparing.end()
}

function startComparing() {
  const [fields, agreed]: [string[], string[]] = [[], []]
  const [ours, theirs]: [FindingFacts, FindingFacts] = [{}, {}]
  const evidence: unknown[] = []
  const differs = (field: string, stored: unknown, reported: unknown): boolean => {
    if (stored === undefined || reported === undefined) return false
    const isSame = isDeepStrictEqual(stored, reported)
    ;(isSame ? agreed : fields).push(field)
    return !isSame
  }
  const hidden = (field: string, stored: unknown, reported: unknown): void => {
    if (differs(field, stored, reported)) evidence.push(reported)
  }
  const keys = (
    field: string,
    stored: Values | undefined,
    reported: Values | undefined,
    depth = 0,
  ): void => {
    if (stored === undefined || reported === undefined) return
    for (const [key, value] of Object.entries(stored)) {
      if (!Object.hasOwn(reported, key)) continue
      const [path, theirs] = [shortened(`${field}.${key}`), reported[key]]
      if (!isObject(value) || !isObject(theirs) || depth === maxDepth) hidden(path, value, theirs)
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
      stored: string | undefined,
      reported: string | undefined,
    ): void {
      if (!differs(field, stored, reported)) return
      ours[name] = shortened(stored ?? '')
      theirs[name] = shortened(reported ?? '')
    },
    // Not even in the evidence: a provider may issue another token at each request.
    secret: differs,
    // A link without its query, which may contain such a token.
    link: (field: string, stored: unknown, reported: unknown): void => {
      hidden(field, withoutQuery(stored), withoutQuery(reported))
    },
    /**
     * Key by key; a key that only one side has is a default of the provider's, or one that it does
     * not report.
     */
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
    text: `The provider reports other values: ${kept.join(', ')}.`,
    fields: kept,
  }
}

export function shortened(text: string): string {
  return text.length <= maxCharacters ? text : text.slice(0, maxCharacters).toWellFormed()
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
