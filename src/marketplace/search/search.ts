import type { Db } from '../../db/database.ts'
import type { Entries } from '../entries/known-entries.ts'
import type { ShownOffering, ShownPlan } from '../shown.ts'
import type { Scored } from '../sort.ts'
import { createStemmer } from './stems.ts'
import { indexTexts, type Found, type Hits, type TextIndex } from './text-index.ts'

export interface Search {
  /**
   * Those of these offerings, with those of their plans, in which each word of the query is found.
   * @param offerings  what the reader sees: no other text makes a difference
   * @param entries    all that these were chosen from
   * @throws the driver's error when the database is away
   */
  find(entries: Entries, offerings: readonly ShownOffering[], query: string): Promise<Scored[]>
}

/** Keeps the index of one catalog, made for the first search after a change. */
export function createSearch(db: Db): Search {
  const stemmer = createStemmer(db)
  let known: { entries: Entries; index: Promise<TextIndex> } | undefined
  // What a reader sees stays the same list from one page to the next.
  const unscored = new WeakMap<readonly ShownOffering[], Scored[]>()
  const indexOf = (entries: Entries): Promise<TextIndex> => {
    if (known?.entries === entries) return known.index
    const index = indexTexts(entries.offerings, stemmer)
    known = { entries, index }
    index.catch(() => (known = undefined))
    return index
  }
  return {
    async find(entries, offerings, query) {
      const found = query.trim() === '' ? [] : await (await indexOf(entries)).find(query)
      if (found.length === 0) {
        const all = unscored.get(offerings) ?? offerings.map((each) => ({ ...each, score: 0 }))
        unscored.set(offerings, all)
        return all
      }
      const hits: Hits[] = []
      for (const each of found) hits.push(await hitsAmong(each, offerings))
      return offerings.flatMap((offering) => {
        const ofOffering = hits.map((each) => each.get(offering.offering) ?? 0)
        const plans = offering.plans.flatMap((plan) => {
          const score = scoreOf(plan, ofOffering, hits)
          return score === 0 ? [] : [{ plan, score }]
        })
        if (plans.length === 0) return []
        return [
          {
            ...offering,
            plans: plans.map(({ plan }) => plan),
            score: Math.max(...plans.map(({ score }) => score)),
          },
        ]
      })
    },
  }
}

/** Slips of the finger count where the word itself is nowhere in what the reader sees. */
async function hitsAmong(
  { exact, similar }: Found,
  offerings: readonly ShownOffering[],
): Promise<Hits> {
  const isThere = offerings.some(
    ({ offering, plans }) => exact.has(offering) || plans.some(({ plan }) => exact.has(plan)),
  )
  return isThere ? exact : await similar()
}

/** @returns 0 when a word is neither in the plan nor in its offering */
function scoreOf(
  { plan }: ShownPlan,
  ofOffering: readonly number[],
  hits: readonly Hits[],
): number {
  let sum = 0
  for (const [at, each] of hits.entries()) {
    const score = Math.max(ofOffering[at] ?? 0, each.get(plan) ?? 0)
    if (score === 0) return 0
    sum += score
  }
  return sum
}
