import type { CatalogPlan } from '../snapshot.ts'

export type UnwritableEffect = 'schemas omitted' | 'not written'

export interface UnwritableFigure {
  /** Its short name. */
  readonly provider: string
  readonly effect: UnwritableEffect
  /** Since the start of the process. */
  readonly count: number
}

/** Counts the plans that could not be written for Cloud Foundry as they should. */
export interface UnwritablePlans {
  add(plan: CatalogPlan, effect: UnwritableEffect): void
  figures(): readonly UnwritableFigure[]
}

export function createUnwritablePlans(): UnwritablePlans {
  const figures = new Map<string, UnwritableFigure>()
  return {
    add({ offering }, effect) {
      // publishedOffering has written it.
      const metadata = offering.body['metadata'] as { kontor?: { provider?: string } } | undefined
      const provider = metadata?.kontor?.provider ?? ''
      const key = `${provider} ${effect}`
      const count = (figures.get(key)?.count ?? 0) + 1
      figures.set(key, { provider, effect, count })
    },
    figures: () => [...figures.values()],
  }
}
