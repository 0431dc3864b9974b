// What others send is kept and passed on as it came. Some of it cannot be: Postgres has no U+0000,
// UTF-8 no half of a surrogate pair, JSON text no number beyond ours, and no parser goes down for
// ever.

// Deeper than any order, and far from where parsers and Postgres itself give up.
const maxLevels = 200

/**
 * Why a JSON value cannot be kept, as a sentence that begins with `whole`.
 * @param room  how many values it may hold; counted down
 */
export function validateValue(
  value: unknown,
  whole: string,
  room = { left: Infinity },
  level = 0,
): string | undefined {
  if (typeof value === 'string') return validateText(value, whole)
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : `${whole} holds a number that is too large.`
  if (value === null || typeof value !== 'object') return undefined
  if (level >= maxLevels) return `${whole} is nested more than ${maxLevels} levels deep.`
  const parts = Object.entries(value)
  room.left -= parts.length
  if (room.left < 0) return `${whole} holds too many values.`
  for (const [key, part] of parts) {
    const validationError = validateText(key, whole) ?? validateValue(part, whole, room, level + 1)
    if (validationError !== undefined) return validationError
  }
  return undefined
}

export function validateText(text: string, whole: string): string | undefined {
  if (text.includes('\0')) return `${whole} must not hold the character U+0000.`
  return text.isWellFormed()
    ? undefined
    : `${whole} must not hold half of a character (an unpaired surrogate).`
}

// Postgres indexes no more than about 2,700 bytes, and an id stands in an index beside others.
const maxBytes = 1_000

/** The same for what stands in an index: ids and names. */
export function validateId(id: string, whole: string): string | undefined {
  return (
    validateText(id, whole) ??
    (Buffer.byteLength(id) > maxBytes ? `${whole} is longer than ${maxBytes} bytes.` : undefined)
  )
}
