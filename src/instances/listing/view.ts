import type { Directory } from '../../tenancy/directory.ts'
import type { KnownPeople } from '../../people/known-people.ts'
import type { InstanceView, Named, RunningOperation } from '../../types.gen.ts'
import type { InstanceRow } from './store.ts'

type Names = Pick<Directory, 'organisation'>

/** An organisation as answers show it; null for none. */
export function namedOrganisation(directory: Names, id: string | null): Named | null {
  return id === null ? null : { id, name: directory.organisation(id)?.name ?? id }
}

/** The unfinished operation of a row; null: it has none. */
export function runningOf(row: {
  readonly operationId: string | null
  readonly operationKind: string | null
  readonly operationState: string | null
}): RunningOperation | null {
  if (row.operationId === null) return null
  return {
    id: row.operationId,
    // Check constraints allow just these values.
    kind: row.operationKind as RunningOperation['kind'],
    state: row.operationState as RunningOperation['state'],
  }
}

export function instanceView(
  {
    directory,
    people,
  }: { readonly directory: Names; readonly people: Pick<KnownPeople, 'personById'> },
  row: InstanceRow,
): InstanceView {
  return {
    id: row.id,
    instanceId: row.instanceId,
    name: row.name,
    platform: { id: row.platformId, name: row.platformName },
    // Check constraints allow just these values.
    platformKind: row.platformKind as InstanceView['platformKind'],
    provider: { id: row.providerId, name: row.providerName },
    organisation: namedOrganisation(directory, row.organisationId),
    offering: { id: row.offeringId, name: row.offeringName },
    plan: { id: row.planId, name: row.planName },
    state: row.state as InstanceView['state'],
    usable: row.usable,
    operation: runningOf(row),
    bindings: row.bindings,
    labels: sorted(row.labels ?? {}),
    owner:
      row.ownerId !== null
        ? { personId: row.ownerId, name: people.personById(row.ownerId)?.name ?? null }
        : row.owner === null
          ? null
          : { personId: null, name: row.owner },
    costCentre: row.costCentre,
    upstreamId: row.upstreamId,
    maintenanceVersion: row.maintenanceVersion,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    deletedAt: row.deletedAt?.toISOString() ?? null,
  }
}

// Postgres keeps the keys by their length.
function sorted(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
