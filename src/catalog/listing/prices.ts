import { decimalOf, formatDecimal, parseDecimal, type Decimal } from '../../decimal.ts'
import type { ListingPlan, ListingPrice, PriceComponent } from '../../types.gen.ts'
import { isObject } from '../inspection.ts'
import type { ListingFault } from './read-listing.ts'

export interface Prices {
  readonly components: readonly PriceComponent[]
  readonly faults: readonly ListingFault[]
}

const maxCosts = 20
const maxUnit = 100

/**
 * The components of a plan's price: its listing field `price`, or the `costs` of the OSB profile
 * where that is absent.
 * @param metadata  of the plan
 */
export function readPrices(metadata: unknown, { price }: ListingPlan): Prices {
  const costs = isObject(metadata) ? metadata['costs'] : undefined
  const read = readCosts(costs)
  return price === undefined ? read : { components: price.map(componentOf), faults: read.faults }
}

function componentOf(price: ListingPrice): PriceComponent {
  const { kind, net, currency, unit = null, parameter = null, tiers } = price
  const amount = (text: string) => formatDecimal(parseDecimal(text) ?? { units: 0n, scale: 0 })
  return {
    kind,
    net: amount(net),
    currency,
    unit,
    period: kind === 'one_time' ? null : periodOf(unit ?? 'MONTHLY'),
    parameter,
    validFrom: price.validFrom ?? null,
    validTo: price.validTo ?? null,
    ...(tiers === undefined
      ? {}
      : { tiers: tiers.map((tier) => ({ upTo: tier.upTo, net: amount(tier.net) })) }),
  }
}

// `costs` may hold anything: as a whole it is left out only where it is no list.
function readCosts(costs: unknown): Prices {
  if (costs === undefined || costs === null) return { components: [], faults: [] }
  if (!Array.isArray(costs))
    return { components: [], faults: [{ pointer: '/costs', problem: 'costs must be array' }] }
  if (costs.length > maxCosts) {
    const problem = `costs must not have more than ${maxCosts} items`
    return { components: [], faults: [{ pointer: '/costs', problem }] }
  }
  const components: PriceComponent[] = []
  const faults: ListingFault[] = []
  for (const [index, cost] of costs.entries()) {
    const found = readCost(cost)
    if (typeof found === 'string')
      faults.push({ pointer: `/costs/${index}`, problem: `costs.${index}${found}` })
    else components.push(found)
  }
  // A part of the price would look like all of it.
  return faults.length > 0 ? { components: [], faults } : { components, faults }
}

/**
 * The amounts of a cost say the same in several currencies: that in euros counts, or the first.
 * @returns what is wrong with it, to be put behind its name
 */
function readCost(cost: unknown): PriceComponent | string {
  if (!isObject(cost)) return ' must be object'
  const { amount, unit } = cost
  if (typeof unit !== 'string' || unit === '' || unit.length > maxUnit)
    return `.unit must be a text of at most ${maxUnit} characters`
  if (!isObject(amount)) return '.amount must be object'
  const amounts: Array<{ readonly currency: string; readonly decimal: Decimal }> = []
  for (const [code, value] of Object.entries(amount)) {
    const currency = code.toUpperCase()
    const decimal = typeof value === 'number' && value >= 0 ? decimalOf(value) : undefined
    if (!/^[A-Z]{3}$/.test(currency)) return '.amount must name currencies by their ISO 4217 code'
    if (decimal === undefined)
      return `.amount.${code} must be a number that is not negative, of at most 15 digits`
    amounts.push({ currency, decimal })
  }
  const chosen = amounts.find(({ currency }) => currency === 'EUR') ?? amounts[0]
  if (chosen === undefined) return '.amount must not be empty'
  const kind = kindOf(unit)
  return {
    kind,
    net: formatDecimal(chosen.decimal),
    currency: chosen.currency,
    unit,
    period: kind === 'one_time' ? null : periodOf(unit),
    parameter: null,
    validFrom: null,
    validTo: null,
  }
}

const periods = [
  [/\b(?:month|monthly|monat|monatlich)\b/i, 'month'],
  [/\b(?:year|yearly|annual|annually|jahr|jährlich)\b/i, 'year'],
  [/\b(?:quarter|quarterly)\b/i, 'quarter'],
  [/\b(?:week|weekly)\b/i, 'week'],
  [/\b(?:day|daily)\b/i, 'day'],
  [/\b(?:hour|hourly)\b/i, 'hour'],
] as const

function periodOf(unit: string): PriceComponent['period'] {
  return periods.find(([pattern]) => pattern.test(unit))?.[1] ?? null
}

/** What a unit says besides its period: `user` of `per user MONTHLY`, '' of `MONTHLY`. */
export function unitWithoutPeriod(unit: string): string {
  const pattern = periods.find(([each]) => each.test(unit))?.[0]
  return (pattern === undefined ? unit : unit.replace(pattern, '')).replace(/^\s*per\b/i, '').trim()
}

const once = /^(?:once|one[ _-]?time|set[ _-]?up)\b/i

/** The unit of `costs` is free text: `MONTHLY` alone is fixed, more words are a price per unit. */
function kindOf(unit: string): 'one_time' | 'fixed' | 'per_unit' {
  if (once.test(unit.trim())) return 'one_time'
  return periods.some(([pattern]) => unit.trim().replace(pattern, '') === '') ? 'fixed' : 'per_unit'
}
