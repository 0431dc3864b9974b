/**
 * When an operation at work counts as stuck: its next step or its claim has been over for so long, so that nobody takes
 * it up; it was tried, or broke off, so often in one place; or the time that its plan gives it is over.
 */
export const stuck = { overdueMs: 60_000, retries: 10, internalErrors: 3 } as const
