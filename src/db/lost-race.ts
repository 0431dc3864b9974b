// KO001: `assert_unchanged` of the database. 23505: of two new rows of the same id, the second.
const codes = new Set(['KO001', '23505'])

/**
 * Whether a statement failed because another one was faster: what it was decided on has changed
 * since, or a row of the same id has just been written. Nothing of it was written.
 */
export function isLostRace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && codes.has(String(error.code))
}
