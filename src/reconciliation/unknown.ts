import type { ListedInstance } from '../backends/backend.ts'
import { findBindingsByUpstream } from '../bindings/idle.ts'
import type { Db } from '../db/database.ts'
import { findInstancesByUpstream, type KnownUpstream } from '../instances/idle.ts'
import type { Surveying } from './deps.ts'
import type { FindingDetails, ObjectKind, Suspicion } from './finding.ts'
import type { Survey } from './survey.ts'

interface Known {
  readonly instances: { has(id: string): boolean }
  readonly bindings: { has(id: string): boolean }
}

/**
 * Finds what a page lists and Kontor does not have. The page was read before Kontor's rows are, and
 * a row is committed before anything is created at a provider: what has no row now was not created
 * by Kontor.
 */
export async function surveyUnknown(
  surveying: Surveying,
  survey: Survey,
  listed: readonly ListedInstance[],
  known: Known,
): Promise<void> {
  const foreign = listed.filter(({ instanceId }) => !known.instances.has(instanceId))
  const rows = await rowsOf(
    surveying,
    'instance',
    foreign.map(({ instanceId }) => instanceId),
  )
  const unknown = new Set<string>()
  for (const { instanceId, bindingIds } of foreign) {
    const row = rows.get(instanceId)
    if (!isLive(row))
      survey.coverage.listed({
        object: 'instance',
        upstreamId: instanceId,
        upstreamInstanceId: instanceId,
      })
    if (!isUnknown(surveying, row)) continue
    unknown.add(instanceId)
    survey.suspect(suspicionOf('instance', instanceId, instanceId, row, bindingIds?.length))
  }
  const bindings = listed.flatMap(({ instanceId, bindingIds = [] }) =>
    bindingIds.filter((id) => !known.bindings.has(id)).map((id) => ({ id, instanceId })),
  )
  const bindingRows = await rowsOf(
    surveying,
    'binding',
    bindings.map(({ id }) => id),
  )
  for (const { id, instanceId } of bindings) {
    if (!isLive(bindingRows.get(id)))
      survey.coverage.listed({ object: 'binding', upstreamId: id, upstreamInstanceId: instanceId })
    // Bindings of an unknown instance are part of its finding.
    if (!unknown.has(instanceId) && isUnknown(surveying, bindingRows.get(id)))
      survey.suspect(suspicionOf('binding', id, instanceId, bindingRows.get(id)))
  }
}

function isLive(row: KnownUpstream | undefined): boolean {
  return row !== undefined && row.deletedAt === null
}

/**
 * Whether Kontor does not have what a provider lists: no row, or one that was deleted long enough
 * ago.
 */
export function isUnknown(
  { deps, startedAt }: Pick<Surveying, 'deps' | 'startedAt'>,
  row: KnownUpstream | undefined,
): boolean {
  if (row === undefined) return true
  // A removal may have ended after the page was read, and may take a moment to show at the
  // provider.
  const { deletedAt, lastRemovalAt, isBusy } = row
  return (
    deletedAt !== null &&
    !isBusy &&
    (lastRemovalAt ?? deletedAt).getTime() < startedAt.getTime() - deps.times.inDoubtMs
  )
}

export function findByUpstream(
  db: Db,
  object: ObjectKind,
  providerId: string,
  ids: readonly string[],
): Promise<KnownUpstream[]> {
  return object === 'instance'
    ? findInstancesByUpstream(db, providerId, ids)
    : findBindingsByUpstream(db, providerId, ids)
}

async function rowsOf(
  { deps, providerId }: Surveying,
  object: ObjectKind,
  ids: readonly string[],
): Promise<Map<string, KnownUpstream>> {
  const rows = ids.length === 0 ? [] : await findByUpstream(deps.db, object, providerId, ids)
  return new Map(rows.map((row) => [row.upstreamId, row]))
}

function suspicionOf(
  object: ObjectKind,
  upstreamId: string,
  upstreamInstanceId: string,
  row: KnownUpstream | undefined,
  bindings?: number,
): Suspicion {
  const details: FindingDetails =
    row?.deletedAt == null
      ? {
          text:
            `The provider lists ${object === 'instance' ? 'an' : 'a'} ${object} ` +
            'that Kontor has not created.',
        }
      : {
          text:
            `The provider still lists this ${object}, ` +
            `which was deleted at ${row.deletedAt.toISOString()}.`,
          deletedAt: row.deletedAt.toISOString(),
        }
  return {
    kind: 'unknown',
    object,
    upstreamId,
    upstreamInstanceId,
    details: { ...details, ...(bindings === undefined ? {} : { bindings }) },
  }
}
