/** Whose registrations a reader sees: its own, and those that it may decide. */
export interface RegistrationScope {
  /** Undefined: the reader is no person, or asks only for what it may decide. */
  readonly personId: string | undefined
  /** Requests to join these organisations; `all`: of every kind. */
  readonly decides: 'all' | readonly string[]
}
