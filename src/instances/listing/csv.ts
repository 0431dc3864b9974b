import { csvPages, type ReadPage } from '../../csv.ts'
import type { BindingView, InstanceView } from '../../types.gen.ts'

/**
 * @param readPage  with the filters of the list
 * @param after     id of the one before the first; undefined: from the newest on
 */
export function instancesCsv(
  readPage: ReadPage<InstanceView>,
  after: string | undefined,
): Promise<AsyncGenerator<string, void>> {
  const heads = [
    'id',
    'instanceId',
    'name',
    'organisation',
    'platform',
    'platformKind',
    'provider',
    'offering',
    'plan',
    'state',
    'usable',
    'operation',
    'bindings',
    'labels',
    'owner',
    'costCentre',
    'createdAt',
    'updatedAt',
    'deletedAt',
  ]
  return csvPages(
    heads,
    (item: InstanceView) => [
      item.id,
      item.instanceId,
      item.name,
      item.organisation?.name ?? null,
      item.platform.name,
      item.platformKind,
      item.provider.name,
      item.offering.name,
      item.plan.name,
      item.state,
      String(item.usable),
      item.operation?.kind ?? null,
      item.bindings,
      Object.entries(item.labels)
        .map((pair) => pair.join('='))
        .join(','),
      item.owner?.name ?? null,
      item.costCentre,
      item.createdAt,
      item.updatedAt,
      item.deletedAt,
    ],
    readPage,
    after,
  )
}

/**
 * @param readPage  with the filters of the list
 * @param after     id of the one before the first; undefined: from the newest on
 */
export function bindingsCsv(
  readPage: ReadPage<BindingView>,
  after: string | undefined,
): Promise<AsyncGenerator<string, void>> {
  const heads = [
    'id',
    'bindingId',
    'instance',
    'instanceId',
    'name',
    'organisation',
    'platform',
    'platformKind',
    'provider',
    'offering',
    'plan',
    'state',
    'operation',
    'expiresAt',
    'isExpired',
    'createdAt',
    'updatedAt',
  ]
  return csvPages(
    heads,
    (item: BindingView) => [
      item.id,
      item.bindingId,
      item.instance.id,
      item.instance.instanceId,
      item.instance.name,
      item.organisation?.name ?? null,
      item.platform.name,
      item.platformKind,
      item.provider.name,
      item.offering.name,
      item.plan.name,
      item.state,
      item.operation?.kind ?? null,
      item.expiresAt,
      String(item.isExpired),
      item.createdAt,
      item.updatedAt,
    ],
    readPage,
    after,
  )
}
