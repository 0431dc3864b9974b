/** A page of a list, as answers show it. */
export interface Page<Item> {
  readonly items: Item[]
  /** What `cursor` of the next page is; null on the last one. */
  readonly next: string | null
}

/**
 * Cuts a page of a list.
 * @param rows  one more than `limit` if there are so many: it shows that another page follows
 * @returns `next`: the id after which that page begins; null on the last one
 */
export function cutPage<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
): Page<Row> {
  const items = rows.slice(0, limit)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}
