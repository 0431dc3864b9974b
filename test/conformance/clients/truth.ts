// What must hold after a client's whole life cycle.
import type { ServiceBehaviour } from '../../../tools/simulator/types.ts'
import { agree, settled } from '../../faults/invariants.ts'
import type { TestKontor, TestProvider } from '../../support/kontor.ts'

/** Both modes of a provider; slow enough that a client has to poll. */
export const behaviours: Record<'sync' | 'async', Record<string, ServiceBehaviour>> = {
  sync: { '*': { mode: 'sync', dashboard: true } },
  async: {
    '*': {
      mode: 'async',
      asyncBinding: true,
      dashboard: true,
      provisionSeconds: 1,
      updateSeconds: 0.5,
      deprovisionSeconds: 0.5,
      bindSeconds: 0.5,
      unbindSeconds: 0.5,
    },
  },
}

interface Asserts {
  strictSame(found: unknown, wanted: unknown, ...message: [string]): unknown
  match(found: unknown, wanted: unknown, ...message: [string]): unknown
}

/** Nothing is left at the provider or in Kontor, and each order took effect exactly once. */
export async function nothingIsLeft(
  t: Asserts,
  kontor: TestKontor,
  { simulator }: TestProvider,
  made: { instances: number; bindings: number },
): Promise<void> {
  const rows = await settled(kontor)
  agree(t, rows, simulator)
  t.strictSame([rows.instances, rows.bindings], [[], []], 'no row of ours is left')
  t.strictSame(simulator.state().instances, [], 'nothing is left at the provider')
  t.match(
    simulator.state().effects,
    {
      provisioned: made.instances,
      deprovisioned: made.instances,
      bound: made.bindings,
      unbound: made.bindings,
    },
    'made and removed as often as ordered',
  )
}

export interface CatalogEntry {
  readonly id: string
  readonly name: string
  readonly bindable: boolean
  readonly plan_updateable?: boolean
  readonly instances_retrievable?: boolean
  readonly bindings_retrievable?: boolean
  readonly plans: ReadonlyArray<{
    readonly id: string
    readonly name: string
    readonly maintenance_info?: { readonly version: string }
  }>
}

/** The database offering and two of its plans, as a client finds them in the catalog. */
export function choose(
  catalog: { services: CatalogEntry[] },
  provider: string,
): { offering: CatalogEntry; small: string; large: string } {
  const offering = catalog.services.find(({ name }) => name === `${provider}-db`)
  const planId = (wanted: string) => offering?.plans.find(({ name }) => name === wanted)?.id
  const [small, large] = [planId('small'), planId('large')]
  if (offering === undefined || small === undefined || large === undefined)
    throw new Error('The catalog does not have it.')
  return { offering, small, large }
}
