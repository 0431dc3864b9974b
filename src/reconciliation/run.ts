/** One run of a provider's reconciliation. */
export interface Run {
  readonly id: string
  readonly providerId: string
  readonly cause: 'schedule' | 'request'
  readonly requestedAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** Raised by each claim; a result is written only while it still matches. */
  readonly fencingToken: number
  readonly byListing: boolean | null
  readonly counts: Counts
  readonly error: string | null
}

export interface Counts {
  readonly instancesChecked: number
  readonly bindingsChecked: number
  /**
   * Not judged: the provider cannot report it or is busy with it, or an order began or ended
   * meanwhile.
   */
  readonly skipped: number
  /** Not judged: the provider gave no usable answer. */
  readonly unclear: number
  /** Findings beyond the limit of open findings of each kind. */
  readonly leftOut: number
}

/**
 * Ends a run as failed. The message is a sentence for the operator, without host or credential; no
 * finding changes.
 */
export class RunFailure extends Error {}
