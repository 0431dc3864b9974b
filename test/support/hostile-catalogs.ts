// Catalogs that once stopped Kontor for everybody, as JSON text.

import { catalogOf } from './catalogs.ts'

const plan = (id: string) => ({ id, name: id, description: 'd' })

const offering = (id: string, plans: unknown, more: object = {}) => ({
  id,
  name: id,
  description: 'd',
  bindable: false,
  ...more,
  plans,
})

/** Plans with ids that are new in each `round`. */
function freshPlans(offerings: number, plansEach: number, round: number): unknown[] {
  return Array.from({ length: offerings }, (_, at) =>
    offering(
      `o${at}`,
      Array.from({ length: plansEach }, (_plan, index) => plan(`p${round}-${at}-${index}`)),
    ),
  )
}

/** By what is hostile in each. */
export const hostileCatalogs = {
  /** Four megabytes: each entry is faulty, and would have a finding. */
  'a list of two million numbers': () => `{"services":[${'1,'.repeat(2_000_000)}1]}`,
  'an offering of 600 kB with 12,000 plans': () =>
    JSON.stringify({ services: [...catalogOf('evil').services, bigOffering(600_000, 12_000)] }),
  '60,000 plans': () => JSON.stringify({ services: freshPlans(400, 150, 0) }),
  'two million nested lists': () => `{"services":${'['.repeat(2_000_000)}`,
  'millions of empty objects': () => `{"services":[${'{},'.repeat(2_600_000)}{}]}`,
} satisfies Record<string, () => string>

/** A harmless one, to be sent in chunks of one byte each. */
export function catalogInBytes(): Buffer {
  return Buffer.from(JSON.stringify(catalogOf('evil')).padEnd(400_000))
}

/** An offering whose own fields have about so many bytes. */
function bigOffering(bytes: number, plans: number): unknown {
  return offering(
    'big',
    Array.from({ length: plans }, (_, at) => plan(`p${at}`)),
    { metadata: { longDescription: 'x'.repeat(bytes) } },
  )
}

/** Within all limits, but none of its plans was there in another round. */
export function freshCatalog(round: number, offerings = 48, plansEach = 100): string {
  return JSON.stringify({ services: freshPlans(offerings, plansEach, round) })
}
