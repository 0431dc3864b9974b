import { checkSize } from '../threads/check-size.ts'
import { withoutPrototypeKeys } from '../without-prototype-keys.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** The JSON object of a body, whatever its content type says; else what is wrong with it. */
export function parseObject(body: Uint8Array): JsonObject | string {
  if (body.length === 0) return 'the answer is empty'
  try {
    // Fatal: a replacement character in a credential would go unnoticed. The decoder removes a BOM.
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return 'the answer is not a JSON object'
    // Without one of these there is no such key, and nothing to walk through.
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    const mayHoldKeys =
      bytes.includes('__proto__') || bytes.includes('prototype') || bytes.includes('\\u')
    return (mayHoldKeys ? withoutPrototypeKeys(value) : value) as JsonObject
  } catch {
    return /^\s*</.test(Buffer.from(body.subarray(0, 100)).toString('latin1'))
      ? 'answered HTML instead of JSON'
      : 'the answer is not JSON'
  }
}

// No real answer has a thousand values. Ten thousand take 8 ms to parse and check, and a megabyte
// of them would take more than a hundred.
const maxValues = 10_000
// Deeper ones cannot be stored.
const maxDepth = 200

/**
 * The same for an answer in pieces that is parsed where requests are served: one that would take
 * long is not parsed at all.
 */
export function parseAnswer(pieces: readonly Uint8Array[] | undefined): JsonObject | string {
  if (pieces === undefined) return 'the answer is too long'
  const [first = Buffer.alloc(0), ...others] = pieces
  const body = others.length === 0 ? first : Buffer.concat(pieces)
  return checkSize('the answer', body, maxValues, maxDepth) ?? parseObject(body)
}
