// A binding in a provider's answer. Checked strictly, because a platform acts on each of these
// fields.
import type { BindingResult } from '../backend.ts'
import type { BindResponse } from '../../types.gen.ts'
import type { JsonObject } from '../parse-object.ts'
import { bodyAs, Malformed, type Reply } from './reply.ts'

/** OSB 2.17 "Binding": each of these fields needs an entry in the offering's `requires`. */
const entitled = {
  syslog_drain_url: 'syslog_drain',
  route_service_url: 'route_forwarding',
  volume_mounts: 'volume_mount',
} as const

/** The binding without `operation`, with unknown fields, or what is wrong with it. */
export function readBinding(
  reply: Reply,
  requires: readonly string[] = [],
): BindingResult | Malformed {
  const hasTimes = reply.body?.['metadata'] !== undefined
  const body = bodyAs(
    'bind-response',
    hasTimes ? { ...reply, body: withStandardTimes(reply.body ?? {}) } : reply,
  )
  if (body instanceof Malformed) return body
  const problem = entitlementProblem(body, requires) ?? (hasTimes ? timeProblem(body) : undefined)
  if (problem !== undefined) return new Malformed(`the answer breaks the specification: ${problem}`)
  const { operation: _operation, ...binding } = body
  return binding
}

// Empty values are allowed: a platform does nothing with them.
function entitlementProblem(body: BindResponse, requires: readonly string[]): string | undefined {
  for (const [field, entry] of Object.entries(entitled)) {
    const value = body[field]
    const isEmpty = value === undefined || (value as string | unknown[]).length === 0
    if (!isEmpty && !requires.includes(entry))
      return `the answer holds ${field}, but the offering does not require ${entry}`
  }
  return undefined
}

const endOfTimeMs = Date.UTC(10_000, 0)

function timeProblem({ metadata }: BindResponse): string | undefined {
  const times = (['renew_before', 'expires_at'] as const).map((field) => {
    const text = metadata?.[field]
    return { field, at: text === undefined ? undefined : Date.parse(text) }
  })
  const unreadable = times.find(({ at }) => Number.isNaN(at))
  if (unreadable !== undefined) return `metadata.${unreadable.field} is no time`
  // Postgres takes no year 0, so the binding could never be settled.
  const unlikely = times.find(({ at = 0 }) => at < 0 || at >= endOfTimeMs)
  if (unlikely !== undefined) return `metadata.${unlikely.field} is before 1970 or after 9999`
  const [renewBefore, expiresAt] = times.map(({ at }) => at)
  return renewBefore !== undefined && expiresAt !== undefined && renewBefore > expiresAt
    ? 'metadata.renew_before is later than metadata.expires_at'
    : undefined
}

/**
 * The specification requires UTC with a fraction of a second (version 2.16 and its samples differ
 * on that), and providers send what their language writes. An unambiguous time is converted; one in
 * the required form stays as it is.
 */
function withStandardTimes(body: JsonObject): JsonObject {
  const { metadata } = body
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return body
  const times = Object.entries(metadata).filter(
    ([name]) => name === 'expires_at' || name === 'renew_before',
  )
  return {
    ...body,
    metadata: {
      ...metadata,
      ...Object.fromEntries(times.map(([name, value]) => [name, standardTime(value)])),
    },
  }
}

function standardTime(value: unknown): unknown {
  const isUnambiguous =
    typeof value === 'string' &&
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(value)
  if (!isUnambiguous || /\.\d+Z$/.test(value)) return value
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? value : date.toISOString()
}
