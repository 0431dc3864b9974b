import type { Db } from '../../db/database.ts'
import { listStems } from './store.ts'
import { folded } from './words.ts'

/** Folded stems of a word in German and English; empty for a word that says nothing. */
export type Stems = ReadonlySet<string>

export interface Stemmer {
  /** @returns the stems of each of these words, which are in lower case */
  of(words: Iterable<string>): Promise<ReadonlyMap<string, Stems>>
}

const maxKnown = 100_000
const maxAsked = 5_000

/** Asks Postgres for each word once, as long as it is among the last 100,000. */
export function createStemmer(db: Db): Stemmer {
  const known = new Map<string, Stems>()
  const learn = async (words: readonly string[], found: Map<string, Stems>): Promise<void> => {
    for (const { word, german, english } of await listStems(db, words)) {
      // `die` says nothing in German, but something in English.
      const isStopWord = german.length === 0 || english.length === 0
      const stems = new Set(isStopWord ? [] : [...german, ...english].map(folded))
      found.set(word, stems)
      known.set(word, stems)
      // The longest known goes first. All words of a large catalog are more than are kept.
      const [oldest] = known.keys()
      if (known.size > maxKnown && oldest !== undefined) known.delete(oldest)
    }
  }
  return {
    async of(words) {
      // What is known may be forgotten for another caller while this one waits for the database.
      const found = new Map<string, Stems>()
      const missing: string[] = []
      for (const word of new Set(words)) {
        const stems = known.get(word)
        if (stems === undefined) missing.push(word)
        else found.set(word, stems)
      }
      for (let at = 0; at < missing.length; at += maxAsked)
        await learn(missing.slice(at, at + maxAsked), found)
      return found
    },
  }
}
