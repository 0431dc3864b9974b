// Kontor stores what platforms and providers send, and passes it on unchanged. Some JSON cannot be
// stored: Postgres has no U+0000, UTF-8 no unpaired surrogate, JSON no infinite number, and every
// parser has a maximal depth.

// Deeper than any order, and far less than parsers and Postgres can read.
const maxDepth = 200

/**
 * Why a JSON value cannot be stored, as a sentence that begins with `whole`.
 * @param allowance  how many values it may hold; counted down
 */
export function validateValue(
  value: unknown,
  whole: string,
  allowance = { left: Infinity },
  depth = 0,
): string | undefined {
  if (typeof value === 'string') return validateText(value, whole)
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : `${whole} holds a number that is too large.`
  if (value === null || typeof value !== 'object') return undefined
  if (depth >= maxDepth) return `${whole} is nested more than ${maxDepth} levels deep.`
  const parts = Object.entries(value)
  allowance.left -= parts.length
  if (allowance.left < 0) return `${whole} holds too many values.`
  for (const [key, part] of parts) {
    const error = validateText(key, whole) ?? validateValue(part, whole, allowance, depth + 1)
    if (error !== undefined) return error
  }
  return undefined
}

export function validateText(text: string, whole: string): string | undefined {
  if (text.includes('\0')) return `${whole} must not hold the character U+0000.`
  return text.isWellFormed()
    ? undefined
    : `${whole} must not hold half of a character (an unpaired surrogate).`
}

// Postgres indexes at most about 2,700 bytes, and an index may hold an id beside other columns.
const maxBytes = 1_000

/** The same for ids and names, which are indexed. */
export function validateId(id: string, whole: string): string | undefined {
  return (
    validateText(id, whole) ??
    (Buffer.byteLength(id) > maxBytes ? `${whole} is longer than ${maxBytes} bytes.` : undefined)
  )
}
