// What the database driver says when the server is away or going down.
const awayCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'ETIMEDOUT', '57P01', '57P02', '57P03', '53300', '08006', '08001', '08003'])

/** Whether an error only says that the database cannot be reached just now: nothing is wrong with what was asked. */
export function isDatabaseAway (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return awayCodes.has(code) || /Connection terminated|is not queryable|timeout exceeded when trying to connect|connection timeout/i.test(error.message)
}
