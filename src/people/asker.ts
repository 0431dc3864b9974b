import type { Caller } from '../tenancy/caller.ts'

/** Who asks for a change of what people may do: a person, or a machine without one. */
export interface Asker {
  readonly caller: Caller
  /** Id of the person; undefined: the admin token, or a machine that has never been a person. */
  readonly own: string | undefined
  /** Of the personal API token that it signed in with; undefined: none. */
  readonly tokenId?: string | undefined
}
