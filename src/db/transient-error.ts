// The server is unreachable, shutting down, out of connections or memory, or no longer the primary;
// or it aborted a transaction (serialization failure, deadlock, lock timeout, statement timeout, a
// pause within it). A later retry may succeed.
const transientCodes = new Set([
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
  '57014',
  '25P03',
])

// Errors of the driver without a code.
const transientMessages = new RegExp(
  [
    'Connection terminated',
    'is not queryable',
    'timeout exceeded when trying to connect',
    'connection timeout',
    'Query read timeout',
  ].join('|'),
  'i',
)

/** Whether a database error is temporary, so that the same query may succeed later. */
export function isTransientDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return transientCodes.has(code) || transientMessages.test(error.message)
}
