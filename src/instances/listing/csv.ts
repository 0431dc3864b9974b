import { csvRecord } from '../../csv.ts'
import type { Page } from '../../cut-page.ts'
import type { BindingView, InstanceView } from '../../types.gen.ts'

const pageSize = 200

type ReadPage<Item> = (before: string | undefined, limit: number) => Promise<Page<Item>>
type Cells = ReadonlyArray<string | number | null>

/**
 * A whole list as CSV, read page by page as the client takes it. The first page is read at once, so
 * that a filter that is not valid, and a database that is away, can still be answered as errors.
 */
async function csvOf<Item extends { readonly id: string }>(
  heads: readonly string[],
  cellsOf: (item: Item) => Cells,
  readPage: ReadPage<Item>,
  after: string | undefined,
): Promise<AsyncGenerator<string, void>> {
  const first = await readPage(after, pageSize)
  async function* lines(): AsyncGenerator<string, void> {
    yield csvRecord(heads)
    for (let page = first; ;) {
      yield page.items.map((item) => csvRecord(cellsOf(item))).join('')
      if (page.next === null) return
      page = await readPage(page.next, pageSize)
    }
  }
  return lines()
}

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
  return csvOf(
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
  return csvOf(
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
