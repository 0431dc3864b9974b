/**
 * When a running operation counts as stuck: its next step or lease is overdue by so much, it was
 * retried or failed internally so often in one state, or its deadline has passed.
 */
export const stuck = { overdueMs: 60_000, retries: 10, internalErrors: 3 } as const
