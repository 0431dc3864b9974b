import {
  compare,
  dividedBy,
  formatDecimal,
  parseDecimal,
  plus,
  times,
  zero,
} from '../../decimal.ts'
import type { Decimal } from '../../decimal.ts'
import type { PlanPrice, PriceComponent } from '../../types.gen.ts'

const monthsOf: Partial<Record<NonNullable<PriceComponent['period']>, number>> = {
  month: 1,
  quarter: 3,
  year: 12,
}
const cents = 2

/** What a plan costs on a day, as far as its components say. */
export function priceOn(
  day: string,
  stated: readonly PriceComponent[],
  isFree: boolean,
  minimumTermMonths: number | null,
): { readonly price: PlanPrice; readonly perMonth: Decimal | undefined } {
  const components = stated.filter((each) => isValid(each, day))
  const fixed = components.filter(({ kind }) => kind === 'fixed')
  const once = components.filter(({ kind }) => kind === 'one_time')
  const currencies = new Set([...fixed, ...once].map(({ currency }) => currency))
  const isOne = currencies.size === 1
  const perMonth = isOne ? sum(fixed, monthly) : undefined
  const oneTime = isOne ? sum(once, amountOf) : undefined
  const term = isOne ? termOf(fixed, oneTime, minimumTermMonths) : undefined
  return {
    price: {
      free: isFree,
      class: classOf(components, isFree, currencies, perMonth),
      currency: isOne ? ([...currencies][0] ?? null) : null,
      perMonth: shown(perMonth),
      oneTime: shown(oneTime),
      minimumTermMonths,
      minimumTerm: shown(term),
      components,
    },
    perMonth: isFree && perMonth === undefined ? zero : perMonth,
  }
}

function isValid({ validFrom, validTo }: PriceComponent, day: string): boolean {
  return (validFrom === null || validFrom <= day) && (validTo === null || day <= validTo)
}

const shown = (amount: Decimal | undefined) => (amount === undefined ? null : formatDecimal(amount))
const amountOf = ({ net }: PriceComponent): Decimal | undefined => parseDecimal(net)

function monthly(component: PriceComponent): Decimal | undefined {
  const months = component.period === null ? undefined : monthsOf[component.period]
  const amount = amountOf(component)
  if (months === undefined || amount === undefined) return undefined
  return months === 1 ? amount : dividedBy(amount, months, cents)
}

/** @returns undefined when there are none, or one of them is unknown */
function sum(
  components: readonly PriceComponent[],
  of: (component: PriceComponent) => Decimal | undefined,
): Decimal | undefined {
  let total: Decimal | undefined
  for (const component of components) {
    const amount = of(component)
    if (amount === undefined) return undefined
    total = plus(total ?? zero, amount)
  }
  return total
}

/** A period that has begun is paid in full. */
function termOf(
  fixed: readonly PriceComponent[],
  oneTime: Decimal | undefined,
  months: number | null,
): Decimal | undefined {
  if (months === null) return undefined
  const running = sum(fixed, (component) => {
    const each = component.period === null ? undefined : monthsOf[component.period]
    const amount = amountOf(component)
    if (each === undefined || amount === undefined) return undefined
    return times(amount, Math.ceil(months / each))
  })
  if (fixed.length > 0 && running === undefined) return undefined
  return plus(running ?? zero, oneTime ?? zero)
}

const bounds = [
  ['under-50', '50'],
  ['50-200', '200'],
  ['200-1000', '1000'],
] as const

function classOf(
  components: readonly PriceComponent[],
  isFree: boolean,
  currencies: ReadonlySet<string>,
  perMonth: Decimal | undefined,
): PlanPrice['class'] {
  const isNothing = components.every(({ net }) => /^[0.]+$/.test(net))
  if (isFree && isNothing) return 'free'
  if (components.length === 0) return 'unstated'
  // What depends on the use may be more than all that is fixed.
  if (components.some(({ kind }) => kind !== 'fixed' && kind !== 'one_time')) return 'usage'
  if (perMonth === undefined || !currencies.has('EUR')) return 'other'
  const below = bounds.find(
    ([, limit]) => compare(perMonth, { units: BigInt(limit), scale: 0 }) < 0,
  )
  return below?.[0] ?? 'over-1000'
}
