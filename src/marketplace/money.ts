import type { Language, PlanPrice, PriceComponent } from '../types.gen.ts'

/** An exact amount as people write it: `1,90 EUR`. @param net  a decimal string */
export function moneyText(net: string, currency: string, language: Language): string {
  const fraction = net.split('.')[1]?.length ?? 0
  const format = new Intl.NumberFormat(language, {
    minimumFractionDigits: 2,
    maximumFractionDigits: Math.max(2, fraction),
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
    tiered: 'gestaffelt',
  },
  en: {
    free: 'free of charge',
    unstated: 'not stated',
    once: 'once',
    per: { hour: 'per hour', day: 'per day', week: 'per week', month: 'per month' },
    perLong: { quarter: 'per quarter', year: 'per year' },
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
  const { once, per, perLong, tiered } = words[language]
  const { kind, net, currency, unit, period } = component
  const amount = moneyText(net, currency, language)
  if (kind === 'one_time') return `${amount} ${once}`
  if (kind === 'fixed' && period !== null) return `${amount} ${{ ...per, ...perLong }[period]}`
  const suffix = kind === 'tiered' ? ` (${tiered})` : ''
  return `${amount}${unit === null ? '' : ` (${unit})`}${suffix}`
}
