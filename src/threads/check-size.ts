// Limits of JSON text, checked before it is parsed: what a parser makes of eight million bytes
// like "[[],[],[]," takes a hundred times their memory, and V8 ends the whole process when its
// parser runs out of memory in a thread.

// Of a list; storable.ts limits each of its entries to far less.
const maxDepthOfLists = 100_000

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * Why JSON text must not be parsed; undefined if it may be. Text that is not JSON may pass.
 * @param what  begins the sentence
 * @param text  in UTF-8, in which no byte of a longer character looks like one of JSON's own
 * @param maxValues  a value in a list or an object may count twice
 */
export function checkSize(
  what: 'the catalog' | 'the answer' | 'the plan',
  text: Uint8Array,
  maxValues: number,
  maxDepth = maxDepthOfLists,
): string | undefined {
  let depth = 0
  let values = 1
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case quote:
        at = endOfString(text, at + 1)
        break
      case openBracket:
      case openBrace:
        values++
        if (++depth > maxDepth) return `${what} is nested more than ${maxDepth} levels deep`
        break
      case closeBracket:
      case closeBrace:
        depth--
        break
      case comma:
        values++
        break
      default:
    }
    if (values > maxValues) return `${what} holds more than ${maxValues} values`
  }
  return undefined
}

function endOfString(text: Uint8Array, from: number): number {
  let at = from
  while (at < text.length && text[at] !== quote) at += text[at] === backslash ? 2 : 1
  return at
}
