import { formatDecimal, parseDecimal, times } from '../decimal.ts'
import { own, tokensOf } from '../forms/json-schema.ts'
import type { PlanPrice, PriceComponent } from '../types.gen.ts'
import { priceOn } from './entries/price.ts'

/**
 * The price of a plan for an order of it: what is charged per unit of a parameter counts as fixed
 * where the order says how many. What depends on the use still comes on top, and `class` says so.
 */
export function priceForOrder(price: PlanPrice, parameters: unknown): PlanPrice {
  const components = price.components.map((each) => withQuantity(each, parameters))
  const { free, minimumTermMonths } = price
  return { ...priceOn('', components, free, minimumTermMonths).price, components: price.components }
}

function withQuantity(component: PriceComponent, parameters: unknown): PriceComponent {
  // They are those of one day.
  const valid = { ...component, validFrom: null, validTo: null }
  const quantity = quantityOf(component, parameters)
  if (quantity === undefined) return valid
  const net = parseDecimal(netFor(component, quantity) ?? '')
  return net === undefined
    ? valid
    : { ...valid, kind: 'fixed', net: formatDecimal(times(net, quantity)) }
}

/** Per unit: of tiers the price of the first that the quantity fits in. */
function netFor({ kind, net, tiers }: PriceComponent, quantity: number): string | undefined {
  if (kind === 'per_unit') return net
  if (kind !== 'tiered') return undefined
  return tiers?.find(({ upTo }) => upTo === null || quantity <= upTo)?.net
}

function quantityOf({ parameter }: PriceComponent, parameters: unknown): number | undefined {
  if (parameter === null) return undefined
  let at = parameters
  for (const token of tokensOf(parameter)) at = own(at, token)
  return Number.isSafeInteger(at) && Number(at) >= 0 ? Number(at) : undefined
}
