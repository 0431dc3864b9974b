/** Whose tokens a reader sees. */
export interface TokenScope {
  /** Its own; undefined: the reader is no person. */
  readonly personId: string | undefined
  /** And those of the members of these organisations that are limited to some of them. */
  readonly administers: 'all' | readonly string[]
}
