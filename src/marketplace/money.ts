import { unitWithoutPeriod } from '../catalog/listing/prices.ts'
import type { Language, PlanPrice, PriceComponent } from '../types.gen.ts'
import { numberFormat } from './formats.ts'

/** An exact amount as people write it: `1,90 EUR`. @param net  a decimal string */
export function moneyText(net: string, currency: string, language: Language): string {
  const digits = Math.max(2, net.split('.')[1]?.length ?? 0)
  const format = numberFormat(language, {
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  })
  // As a string it is formatted exactly; as a number it would be a float.
  return `${format.format(net as Intl.StringNumericLiteral)} ${currency}`
}

const words = {
  de: {
    free: 'kostenlos',
    unstated: 'keine Angabe',
    once: 'einmalig',
    per: { hour: 'je Stunde', day: 'je Tag', week: 'je Woche', month: 'im Monat' },
    perLong: { quarter: 'im Quartal', year: 'im Jahr' },
    perUnit: (unit: string) => `je ${/^users?$/i.test(unit) ? 'Nutzer' : unit}`,
    tiered: 'gestaffelt',
  },
  en: {
    free: 'free of charge',
    unstated: 'not stated',
    once: 'once',
    per: { hour: 'per hour', day: 'per day', week: 'per week', month: 'per month' },
    perLong: { quarter: 'per quarter', year: 'per year' },
    perUnit: (unit: string) => `per ${unit}`,
    tiered: 'in tiers',
  },
}

/** All components of a price, a phrase each. */
export function priceTexts({ components, free }: PlanPrice, language: Language): string[] {
  const { free: gratis, unstated } = words[language]
  if (components.length > 0) return components.map((each) => componentText(each, language))
  return [free ? gratis : unstated]
}

function componentText(component: PriceComponent, language: Language): string {
  const { once, per, perLong, perUnit, tiered } = words[language]
  const { kind, net, currency, unit, period } = component
  const amount = moneyText(net, currency, language)
  if (kind === 'one_time') return `${amount} ${once}`
  const one = unit === null ? '' : unitWithoutPeriod(unit)
  const each = kind === 'fixed' || one === '' ? [] : [perUnit(one)]
  const during = period === null ? [] : [{ ...per, ...perLong }[period]]
  return [amount, ...each, ...during, ...(kind === 'tiered' ? [`(${tiered})`] : [])].join(' ')
}
