// What the driver says when the server cannot be reached, is going down or has no room, or is no longer the primary; and
// when it gave up a transaction for another's sake or waited too long for one. Each is over when it is tried again a little later.
const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '53200',
  '08006',
  '08001',
  '08003',
  '25006',
  '40001',
  '40P01',
  '55P03',
])

/** Whether an error only says that the database cannot be reached just now: nothing is wrong with what was asked. */
export function isTransientDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    awayCodes.has(code) ||
    /Connection terminated|is not queryable|timeout exceeded when trying to connect|connection timeout|Query read timeout/i.test(
      error.message,
    )
  )
}
