export interface Paging {
  limit?: string | undefined
  cursor?: string | undefined
}

/** Which page of a list is asked for; the route's schema has checked both. */
export function pageOf({ limit, cursor }: Paging): {
  readonly limit: number
  readonly before: string | undefined
} {
  return { limit: limit === undefined ? 50 : Number(limit), before: cursor }
}
