import { createPacer } from '../../catalog/pacer.ts'
import type { CatalogOffering, CatalogPlan } from '../../catalog/snapshot.ts'
import type { OfferingEntry } from '../entries/entry.ts'
import { createNearWords } from './near-words.ts'
import type { Stemmer, Stems } from './stems.ts'
import { textsOf } from './texts.ts'
import { folded, wordsOf } from './words.ts'

/** What a word was found in, and how well it fits. */
export type Hits = ReadonlyMap<CatalogOffering | CatalogPlan, number>

/** One word of a query. */
export interface Found {
  /** The word itself, another form of it, its beginning, or a compound that holds it. */
  readonly exact: Hits
  /** Words that differ by a slip of the finger; to find them takes some milliseconds. */
  similar(): Promise<Hits>
}

export interface TextIndex {
  /** @returns what each word is found in; words that say nothing are left out */
  find(query: string): Promise<readonly Found[]>
}

// The best of several fits counts.
const fits = { same: 1, stem: 0.9, prefix: 0.7, held: 0.5, similar: 0.3 }
const maxWords = 8
/** Distinct words of one provider; beyond, only the names of its offerings and plans are found. */
const maxOfProvider = 20_000

interface Posting {
  readonly of: CatalogOffering | CatalogPlan
  readonly weight: number
}

/**
 * Reads all texts of a catalog, which takes some hundred milliseconds for 5,000 plans, in which
 * other requests go on.
 */
export async function indexTexts(
  offerings: readonly OfferingEntry[],
  stemmer: Stemmer,
): Promise<TextIndex> {
  const { postings, spellings } = await readPostings(offerings)
  const byStem = await groupByStem(spellings, await stemmer.of(spellings.keys()))
  const byLetter = await groupByLetter(postings.keys())
  // A slip may be far from the form that a text has, but near to its stem.
  const terms = [...new Set([...postings.keys(), ...byStem.keys()])]
  const near = await createNearWords(terms)
  const wordsOfTerm = (term: string): Iterable<string> => byStem.get(term) ?? [term]

  const exactFits = (word: string, stemsOfWord: Stems): Map<string, number> => {
    const found = new Map<string, number>()
    const add = (each: string, fit: number) => found.set(each, Math.max(found.get(each) ?? 0, fit))
    for (const at of near.holding(word))
      if (postings.has(terms[at] ?? '')) add(terms[at] ?? '', fits.held)
    for (const each of byLetter.get(word.charAt(0)) ?? [])
      if (each.startsWith(word)) add(each, fits.prefix)
    for (const stem of stemsOfWord) for (const each of byStem.get(stem) ?? []) add(each, fits.stem)
    if (postings.has(word)) add(word, fits.same)
    return found
  }
  const similarFits = (word: string): Map<string, number> =>
    new Map(
      near
        .similar(word)
        .flatMap((at) => [terms[at] ?? '', ...wordsOfTerm(terms[at] ?? '')])
        .map((each) => [each, fits.similar]),
    )
  const hitsOf = async (found: ReadonlyMap<string, number>, pause: Pause): Promise<Hits> => {
    const hits = new Map<CatalogOffering | CatalogPlan, number>()
    for (const [word, fit] of found) {
      for (const { of, weight } of postings.get(word) ?? [])
        hits.set(of, Math.max(hits.get(of) ?? 0, fit * weight))
      const pausing = pause()
      if (pausing !== undefined) await pausing
    }
    return hits
  }
  return {
    async find(query) {
      const asked = wordsOf(query).slice(0, maxWords)
      const stemsOfAsked = await stemmer.of(asked)
      const telling = asked.filter((word) => (stemsOfAsked.get(word)?.size ?? 0) > 0)
      const pause = createPacer()
      const found: Found[] = []
      // A query of such words only is taken by its letters.
      for (const spelling of telling.length > 0 ? telling : asked) {
        const word = folded(spelling)
        const fitting = exactFits(word, stemsOfAsked.get(spelling) ?? new Set())
        found.push({
          exact: await hitsOf(fitting, pause),
          similar: () => hitsOf(similarFits(word), pause),
        })
      }
      return found
    },
  }
}

type Pause = ReturnType<typeof createPacer>

async function groupByStem(
  spellings: ReadonlyMap<string, string>,
  stems: ReadonlyMap<string, Stems>,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const byStem = new Map<string, Set<string>>()
  const pause = createPacer()
  for (const [spelling, word] of spellings) {
    for (const stem of stems.get(spelling) ?? []) {
      const known = byStem.get(stem)
      if (known === undefined) byStem.set(stem, new Set([word]))
      else known.add(word)
    }
    const pausing = pause()
    if (pausing !== undefined) await pausing
  }
  return byStem
}

/** By the first letter: to sort all words would block the process. */
async function groupByLetter(
  words: Iterable<string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const byLetter = new Map<string, string[]>()
  const pause = createPacer()
  for (const word of words) {
    const known = byLetter.get(word.charAt(0))
    if (known === undefined) byLetter.set(word.charAt(0), [word])
    else known.push(word)
    const pausing = pause()
    if (pausing !== undefined) await pausing
  }
  return byLetter
}

async function readPostings(offerings: readonly OfferingEntry[]): Promise<{
  /** By folded word. */
  readonly postings: ReadonlyMap<string, readonly Posting[]>
  /** Each word as it is written, and folded. */
  readonly spellings: ReadonlyMap<string, string>
}> {
  const postings = new Map<string, Posting[]>()
  const spellings = new Map<string, string>()
  const ofProviders = new Map<string, Set<string>>()
  const pause = createPacer()
  for (const entry of offerings) {
    const ofProvider = ofProviders.get(entry.provider.name) ?? new Set<string>()
    ofProviders.set(entry.provider.name, ofProvider)
    for (const { of, texts } of textsOf(entry)) {
      const weights = new Map<string, number>()
      for (const { text, weight, isName } of texts)
        for (const spelling of wordsOf(text)) {
          if (!isName && ofProvider.size >= maxOfProvider && !ofProvider.has(spelling)) continue
          ofProvider.add(spelling)
          const word = spellings.get(spelling) ?? folded(spelling)
          spellings.set(spelling, word)
          weights.set(word, Math.max(weights.get(word) ?? 0, weight))
        }
      for (const [word, weight] of weights) {
        const known = postings.get(word)
        if (known === undefined) postings.set(word, [{ of, weight }])
        else known.push({ of, weight })
      }
      const pausing = pause()
      if (pausing !== undefined) await pausing
    }
  }
  return { postings, spellings }
}
