// Words that hold another one, and words that differ from it by a slip of the finger. The index is
// in memory: pg_trgm would do the same, but a managed Postgres may refuse CREATE EXTENSION, and
// what a reader may see is decided in this process.
import { createPacer } from '../../catalog/pacer.ts'

export interface NearWords {
  /** Positions of the words that hold this one anywhere. */
  holding(word: string): number[]
  /** Positions of the words at a distance of one slip, or of two for a long word. */
  similar(word: string): number[]
}

const minHeld = 3
const minSimilar = 4
const longWord = 8
/** How many words are compared letter by letter: those that share the most trigrams. */
const maxCompared = 2_000

/** Other requests go on while it reads the words. */
export async function createNearWords(words: readonly string[]): Promise<NearWords> {
  const byTrigram = new Map<string, number[]>()
  const pause = createPacer()
  for (const [at, word] of words.entries()) {
    for (const trigram of trigramsOf(` ${word} `)) {
      const known = byTrigram.get(trigram)
      if (known === undefined) byTrigram.set(trigram, [at])
      else known.push(at)
    }
    const pausing = pause()
    if (pausing !== undefined) await pausing
  }

  /** Words with at least so many of these trigrams, those with most of them first. */
  const sharing = (trigrams: ReadonlySet<string>, least: number): number[] => {
    // No word has more trigrams than fit into a byte (see words.ts).
    const counts = new Uint8Array(words.length)
    const byCount = Array.from({ length: trigrams.size + 1 }, () => [] as number[])
    for (const trigram of trigrams)
      for (const at of byTrigram.get(trigram) ?? []) counts[at] = (counts[at] ?? 0) + 1
    for (const [at, count] of counts.entries()) if (count >= least) byCount[count]?.push(at)
    return byCount.toReversed().flat()
  }

  return {
    holding(word) {
      if (word.length < minHeld) return []
      const trigrams = trigramsOf(word)
      return sharing(trigrams, trigrams.size).filter((at) => words[at]?.includes(word) === true)
    },
    similar(word) {
      if (word.length < minSimilar) return []
      const slips = word.length < longWord ? 1 : 2
      const trigrams = trigramsOf(` ${word} `)
      // One slip changes four trigrams at most: those of two letters that were exchanged.
      const least = Math.max(1, trigrams.size - 4 * slips)
      return sharing(trigrams, least)
        .slice(0, maxCompared)
        .filter((at) => isWithin(words[at] ?? '', word, slips))
    },
  }
}

function trigramsOf(text: string): ReadonlySet<string> {
  const trigrams = new Set<string>()
  for (let at = 0; at + 3 <= text.length; at++) trigrams.add(text.slice(at, at + 3))
  return trigrams
}

/**
 * Whether one word becomes the other by so many slips: a letter too many, a missing one, another
 * one, or two that are exchanged.
 */
function isWithin(one: string, other: string, slips: number): boolean {
  if (Math.abs(one.length - other.length) > slips) return false
  let [before, last] = [[] as number[], Array.from({ length: other.length + 1 }, (_, at) => at)]
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1]
      const isExchanged = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + (isSame ? 0 : 1),
          isExchanged && i > 1 && j > 1 ? (before[j - 2] ?? 0) + 1 : Infinity,
        ),
      )
    }
    if (Math.min(...row) > slips) return false
    before = last
    last = row
  }
  return (last[other.length] ?? Infinity) <= slips
}
