export interface Paging {
  limit?: string | undefined
  cursor?: string | undefined
}

/** The requested page of a list; the schema of the route has checked both values. */
export function pageOf({ limit, cursor }: Paging): {
  readonly limit: number
  readonly before: string | undefined
} {
  return { limit: limit === undefined ? 50 : Number(limit), before: cursor }
}
