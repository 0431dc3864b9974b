import type { FindingView, ReconciliationView } from '../types.gen.ts'
import type { Finding } from './finding.ts'
import type { Run } from './run.ts'

/** A finding as the management API returns it. */
export function viewOfFinding(finding: Finding): FindingView {
  const { firstSeenAt, lastSeenAt, resolvedAt, acknowledgedAt, ...rest } = finding
  return {
    ...rest,
    firstSeenAt: firstSeenAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
    acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
  }
}

/** A run as the management API returns it. */
export function viewOfRun({
  id,
  providerId,
  cause,
  requestedAt,
  startedAt,
  finishedAt,
  byListing,
  counts,
  error,
}: Run): ReconciliationView {
  const state =
    finishedAt === null
      ? startedAt === null
        ? 'waiting'
        : 'running'
      : error === null
        ? 'succeeded'
        : 'failed'
  return {
    id,
    providerId,
    cause,
    state,
    byListing,
    error,
    requestedAt: requestedAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
    ...counts,
  }
}
