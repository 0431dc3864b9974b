/** Whose tokens a reader sees. */
export interface TokenScope {
  /** Its own; undefined: the reader is no person. */
  readonly personId: string | undefined
  /** And those of the members of these organisations, if they count there. */
  readonly administers: 'all' | readonly string[]
}
