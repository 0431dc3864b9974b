// What others send is kept and passed on as it came. Some of it cannot be: Postgres has no U+0000, UTF-8 no half of a
// surrogate pair, JSON text no number beyond ours, and no parser goes down for ever.

// Deeper than any order, and far from where parsers and Postgres itself give up.
const mostLevels = 200

/**
 * Why a JSON value cannot be kept, as a sentence that begins with `whole`.
 * @param room  how many values it may hold; counted down
 */
export function objectionToValue(
  value: unknown,
  whole: string,
  room = { left: Infinity },
  level = 0,
): string | undefined {
  if (typeof value === 'string') return objectionToText(value, whole)
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : `${whole} holds a number that is too large.`
  if (value === null || typeof value !== 'object') return undefined
  if (level >= mostLevels) return `${whole} is nested more than ${mostLevels} levels deep.`
  const parts = Object.entries(value)
  room.left -= parts.length
  if (room.left < 0) return `${whole} holds too many values.`
  for (const [key, part] of parts) {
    const objection = objectionToText(key, whole) ?? objectionToValue(part, whole, room, level + 1)
    if (objection !== undefined) return objection
  }
  return undefined
}

export function objectionToText(text: string, whole: string): string | undefined {
  if (text.includes('\0')) return `${whole} must not hold the character U+0000.`
  return text.isWellFormed()
    ? undefined
    : `${whole} must not hold half of a character (an unpaired surrogate).`
}

// Postgres indexes no more than about 2,700 bytes, and an id stands in an index beside others.
const mostBytes = 1_000

/** The same for what stands in an index: ids and names. */
export function objectionToId(id: string, whole: string): string | undefined {
  return (
    objectionToText(id, whole) ??
    (Buffer.byteLength(id) > mostBytes ? `${whole} is longer than ${mostBytes} bytes.` : undefined)
  )
}
