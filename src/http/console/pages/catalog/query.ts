// The address of a catalog page holds all of its state, so that it can be kept and sent on.
import { facetNames } from '../../../../marketplace/facets.ts'
import type { CatalogQuery } from '../../../../marketplace/list.ts'
import type { SortOrder } from '../../../../marketplace/sort.ts'
import { isUuid } from '../../../../ids.ts'
import type { Asked } from '../../asked.ts'

const sortOrders: readonly SortOrder[] = ['relevance', 'name', 'price', 'provider']
const maxWords = 200
const maxValues = 50

export interface CatalogAddress {
  readonly query: CatalogQuery
  readonly organisation: string | undefined
  readonly after: string | undefined
}

/** What an address asks for; what it holds beyond that is left out. */
export function addressOf({ request, language }: Asked): CatalogAddress {
  const given = request.query as Record<string, string | string[] | undefined>
  const valuesOf = (name: string) => [given[name] ?? []].flat().slice(0, maxValues)
  const [sort] = valuesOf('sort')
  const [organisation = ''] = valuesOf('organisation')
  const [cursor] = valuesOf('cursor')
  return {
    query: {
      q: (valuesOf('q')[0] ?? '').slice(0, maxWords),
      chosen: Object.fromEntries(facetNames.map((name) => [name, valuesOf(name)])),
      isOrderable: false,
      sort: sortOrders.find((order) => order === sort),
      language,
    },
    organisation: organisation === '' ? undefined : organisation,
    after: cursor !== undefined && isUuid(cursor) ? cursor : undefined,
  }
}

/** Names and values of an address, without the place in the list. */
export function fieldsOf({ query, organisation }: CatalogAddress): Array<[string, string]> {
  const { q = '', sort, chosen } = query
  return [
    ...(q === '' ? [] : [['q', q] as [string, string]]),
    ...(organisation === undefined ? [] : [['organisation', organisation] as [string, string]]),
    ...(sort === undefined ? [] : [['sort', sort] as [string, string]]),
    ...facetNames.flatMap((name) =>
      (chosen[name] ?? []).map((value): [string, string] => [name, value]),
    ),
  ]
}

export function linkTo(path: string, fields: ReadonlyArray<readonly [string, string]>): string {
  const search = new URLSearchParams(
    fields.map(([name, value]): [string, string] => [name, value]),
  ).toString()
  return search === '' ? path : `${path}?${search}`
}
