// A binding in a provider's answer. Checked strictly, because a platform acts on each of these
// fields.
import type { BindingResult } from '../backend.ts'
import type { BindResponse } from '../../types.gen.ts'
import { bodyAs, type JsonObject, type Reply } from './reply.ts'

/** OSB 2.17 "Binding": each of these fields needs an entry in the offering's `requires`. */
const entitled = {
  syslog_drain_url: 'syslog_drain',
  route_service_url: 'route_forwarding',
  volume_mounts: 'volume_mount',
} as const

/** The binding without `operation`, with unknown fields; undefined when malformed. */
export function readBinding(
  reply: Reply,
  requires: readonly string[] = [],
): BindingResult | undefined {
  const body = bodyAs(
    'bind-response',
    reply.body === undefined ? reply : { ...reply, body: withStandardTimes(reply.body) },
  )
  if (body === undefined || !isEntitled(body, requires) || !hasValidTimes(body)) return undefined
  const { operation: _operation, ...binding } = body
  return binding
}

// Empty values are allowed: a platform does nothing with them.
function isEntitled(body: BindResponse, requires: readonly string[]): boolean {
  return Object.entries(entitled).every(([field, entry]) => {
    const value = body[field]
    return (
      value === undefined || (value as string | unknown[]).length === 0 || requires.includes(entry)
    )
  })
}

function hasValidTimes({ metadata }: BindResponse): boolean {
  const [renewBefore, expiresAt] = [metadata?.renew_before, metadata?.expires_at].map((text) =>
    text === undefined ? undefined : Date.parse(text),
  )
  if (Number.isNaN(renewBefore) || Number.isNaN(expiresAt)) return false
  return renewBefore === undefined || expiresAt === undefined || renewBefore <= expiresAt
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
