import { csvRecord } from '../../csv.ts'
import type { CatalogAttestation, ComparedPlan, Language, PlanComparison } from '../../types.gen.ts'
import { dayFormats, numberFormat } from '../formats.ts'
import { moneyText, priceTexts } from '../money.ts'
import { comparisonLabels, type Labels } from './labels.ts'

/** One row of a comparison: what is compared, and the value of each plan; empty where unknown. */
export interface ComparisonRow {
  readonly name: keyof Labels
  readonly label: string
  readonly values: readonly string[]
}

type Cell = (compared: ComparedPlan, labels: Labels, language: Language) => string

const numberText = (value: number, language: Language, unit?: Intl.NumberFormatOptions) =>
  numberFormat(language, { maximumFractionDigits: 3, ...unit }).format(value)

const percent = (value: number | null | undefined, language: Language) =>
  value === null || value === undefined ? '' : `${numberText(value, language)} %`

// With the plural of the language: `1 Stunde`, `4 Stunden`.
const withUnit = (
  value: number | null | undefined,
  unit: 'month' | 'day' | 'hour' | 'second',
  language: Language,
) =>
  value === null || value === undefined
    ? ''
    : numberText(value, language, { style: 'unit', unit, unitDisplay: 'long' })

const cells: ReadonlyArray<readonly [keyof Labels, Cell]> = [
  ['plan', ({ plan }, _labels, language) => plan.displayName[language]],
  ['offering', ({ offering }, _labels, language) => offering.displayName[language]],
  ['provider', ({ provider }) => provider.displayName],
  ['mayOrder', ({ plan }, labels) => permissionText(plan.order, labels)],
  ['price', ({ plan }, _labels, language) => priceTexts(plan.price, language).join('; ')],
  ['perMonth', ({ plan: { price } }, _, language) => amount(price.perMonth, price, language)],
  [
    'minimumTerm',
    ({ plan }, _, language) => withUnit(plan.price.minimumTermMonths, 'month', language),
  ],
  [
    'overMinimumTerm',
    ({ plan: { price } }, _, language) => amount(price.minimumTerm, price, language),
  ],
  ['notice', ({ listing }, _, language) => withUnit(listing.contract?.noticeDays, 'day', language)],
  ['model', ({ model }) => model ?? ''],
  ['fulfilment', ({ plan }) => plan.fulfilment ?? ''],
  ['protection', ({ protection }) => protection ?? ''],
  [
    'attestations',
    ({ attestations }, labels, language) => attestationsText(attestations, labels, language),
  ],
  ['location', ({ regions, listing }) => locationText(regions, listing.location?.country)],
  [
    'availability',
    ({ listing }, _, language) => percent(listing.sla?.availabilityPercent, language),
  ],
  ['serviceHours', ({ listing }) => listing.sla?.serviceHours ?? ''],
  [
    'recovery',
    ({ listing: { sla } }, _, language) =>
      [withUnit(sla?.rtoHours, 'hour', language), withUnit(sla?.rpoHours, 'hour', language)]
        .filter(Boolean)
        .join(', '),
  ],
  ['exit', ({ listing }) => (listing.exit?.exportFormats ?? []).join(', ')],
  ['retention', ({ listing }, _, language) => withUnit(listing.exit?.retainDays, 'day', language)],
  [
    'subProcessors',
    ({ listing }) =>
      (listing.subProcessors ?? []).map(({ name, country }) => `${name} (${country})`).join('; '),
  ],
  ['median', ({ plan }, _, language) => withUnit(plan.delivery?.medianSeconds, 'second', language)],
  ['p90', ({ plan }, _, language) => withUnit(plan.delivery?.p90Seconds, 'second', language)],
  ['failed', ({ plan }, _, language) => percent(plan.delivery?.failedPercent, language)],
  [
    'usedBy',
    ({ plan }) =>
      plan.usedBy
        .map(({ organisation, instances }) => `${organisation.name} (${instances})`)
        .join('; '),
  ],
  ['planId', ({ plan }) => plan.id],
]

export function comparisonRows(
  { plans }: { readonly plans: readonly ComparedPlan[] },
  language: Language,
): ComparisonRow[] {
  const labels = comparisonLabels[language]
  return cells.map(([name, cell]) => ({
    name,
    label: labels[name],
    values: plans.map((compared) => cell(compared, labels, language)),
  }))
}

/** As a file for a spreadsheet, which takes no text of a provider for a formula. */
export function comparisonCsv(comparison: PlanComparison, language: Language): string {
  const { comparedAt } = comparisonLabels[language]
  return [
    ...comparisonRows(comparison, language).map(({ label, values }) => [label, ...values]),
    [comparedAt, comparison.comparedAt],
  ]
    .map((record) => csvRecord(record))
    .join('')
}

function amount(
  net: string | null,
  { currency }: { readonly currency: string | null },
  language: Language,
): string {
  return net === null || currency === null ? '' : moneyText(net, currency, language)
}

function permissionText(
  { mayOrder, reason }: ComparedPlan['plan']['order'],
  { yes, no }: Labels,
): string {
  if (mayOrder === null) return ''
  if (mayOrder) return yes
  return reason === null ? no : `${no}: ${reason}`
}

function attestationsText(
  attestations: readonly CatalogAttestation[],
  { until, expired }: Labels,
  language: Language,
): string {
  return attestations
    .map((each) => {
      const name = [each.kind, each.version].filter(Boolean).join(' ')
      const validity = each.isExpired ? expired : `${until} ${dayText(each.validTo, language)}`
      return `${name} (${validity})`
    })
    .join('; ')
}

function locationText(regions: readonly string[], countries: readonly string[] = []): string {
  return [regions.join(', '), countries.join(', ')].filter(Boolean).join(' / ')
}

// A provider may name a day that no calendar has, such as 2027-02-31.
function dayText(day: string, language: Language): string {
  const date = new Date(day)
  return date.toJSON()?.startsWith(day) ? dayFormats[language].format(date) : day
}
