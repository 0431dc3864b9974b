export interface Line {
  readonly number: number
  readonly text: string
}

// Longer than any line with a checkpoint; of a longer one the rest is dropped.
const maxBytes = 131_072
const newline = 0x0a

/** The lines of an input, in memory that does not depend on their length. */
export async function* readLines(input: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let parts: Buffer[] = []
  let length = 0
  let number = 1
  const keep = (part: Buffer): void => {
    const kept = part.subarray(0, Math.max(0, maxBytes - length))
    length += part.length
    if (kept.length > 0) parts.push(kept)
  }
  for await (const chunk of input) {
    let from = 0
    for (;;) {
      const end = chunk.indexOf(newline, from)
      if (end === -1) break
      keep(chunk.subarray(from, end))
      yield { number, text: Buffer.concat(parts).toString() }
      parts = []
      length = 0
      number += 1
      from = end + 1
    }
    // A copy: a part of a chunk would keep all of it in memory.
    keep(Buffer.from(chunk.subarray(from, from + maxBytes)))
  }
  if (length > 0) yield { number, text: Buffer.concat(parts).toString() }
}
