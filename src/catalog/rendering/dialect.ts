import type { CatalogPart, CatalogPlan } from '../snapshot.ts'

/** How plans are written for a kind of platform. */
export interface Dialect {
  readonly name: string
  /**
   * The parts whose plans can be written: while that of a changed part takes long, or cannot be
   * done, the provider's part of before stands in its place. Parts that a later call has replaced
   * are replaced here, too.
   * @param parts  of a snapshot, at least as new as those of all calls before
   * @returns a promise only if something must be written first
   * @throws BrokerError `unavailable` when a provider has no part of before, either
   */
  writable(parts: readonly CatalogPart[]): readonly CatalogPart[] | Promise<readonly CatalogPart[]>
  /**
   * The JSON text of a published plan of a writable part, always the same for the same object;
   * undefined if it cannot be written.
   */
  planText(plan: CatalogPlan): Buffer | undefined
}

/** As the provider writes them. */
export const standard: Dialect = {
  name: 'standard',
  writable: (parts) => parts,
  planText: ({ text }) => text,
}
