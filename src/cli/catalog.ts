import { Command, Option } from 'commander'
import { comparisonRows } from '../marketplace/compare/rows.ts'
import { facetNames } from '../marketplace/facets.ts'
import { priceTexts } from '../marketplace/money.ts'
import type {
  CatalogItem,
  CatalogOfferingView,
  CatalogPage,
  CatalogPlan,
  FrozenComparison,
  Language,
  PlanComparison,
} from '../types.gen.ts'
import { callManagement, printDownload, queryOf } from './management-api.ts'
import { fields, moreHint, table } from './print.ts'

interface Shown {
  json?: true
  organisation?: string
  language: Language
}

interface Listed extends Shown, Partial<Record<(typeof facetNames)[number], string>> {
  orderable?: true
  sort?: string
  limit?: string
  cursor?: string
}

interface Compared extends Shown {
  csv?: true
  freeze?: true
  note?: string
}

/** `kontor catalog`: the catalog as people read it, over the management API. */
export function catalogCommand(): Command {
  const command = new Command('catalog').description(
    'what may be ordered, with plans and prices, at KONTOR_URL',
  )
  addListing(command.command('list').description('what may be ordered, in pages')).action(
    async (options: Listed) => list(undefined, options),
  )
  addListing(
    command
      .command('search <words...>')
      .description('offerings in which all words are found, in German or English'),
  ).action(async (words: string[], options: Listed) => list(words.join(' '), options))
  addShown(
    command.command('show <offering>').description('one offering with its plans, by name or id'),
  ).action(show)
  addShown(
    command
      .command('compare <plan...>')
      .description('up to four plans side by side, by their ids')
      .option('--csv', 'print a CSV file for a spreadsheet')
      .option('--freeze', 'keep the comparison for --organisation, and print its address')
      .option('--note <text>', 'what the frozen comparison is for'),
  ).action(compare)
  return command
}

function addShown(command: Command): Command {
  return command
    .option('--organisation <name>', 'name or id of the organisation to order for')
    .addOption(new Option('--language <code>', 'of names').choices(['de', 'en']).default('en'))
    .option('--json', 'print the answer as JSON')
}

function addListing(command: Command): Command {
  for (const name of facetNames) command.option(`--${name} <value>`, 'only offerings with this')
  return addShown(command)
    .option('--orderable', 'only what may be ordered')
    .addOption(new Option('--sort <order>').choices(['relevance', 'name', 'price', 'provider']))
    .option('--limit <number>', 'page size')
    .option('--cursor <id>', 'end of the page before')
}

async function list(q: string | undefined, options: Listed): Promise<void> {
  const { json, orderable, ...filters } = options
  const query = { ...filters, q, orderable: orderable === true ? 'true' : undefined }
  const page = await callManagement<CatalogPage>('GET', `catalog${queryOf(query)}`)
  if (json === true) return console.log(JSON.stringify(page, null, 2))
  if (page.items.length === 0) return console.log('Nothing was found.')
  const rows = page.items.flatMap((item) => rowsOf(item, options.language))
  console.log(
    table([['OFFERING', 'PLAN', 'PRICE', 'ORDER', 'PLAN ID'], ...rows]) + moreHint(page.next),
  )
}

function rowsOf({ name, plans }: CatalogItem, language: Language): string[][] {
  return plans.map((plan) => [
    name,
    plan.name,
    priceTexts(plan.price, language).join('; '),
    permission(plan.order),
    plan.id,
  ])
}

function permission({ mayOrder, reason }: CatalogPlan['order']): string {
  if (mayOrder === null) return ''
  return mayOrder ? 'yes' : `no: ${reason ?? ''}`
}

async function show(reference: string, { json, language, organisation }: Shown): Promise<void> {
  const offering = await callManagement<CatalogOfferingView>(
    'GET',
    `catalog/${encodeURIComponent(reference)}${queryOf({ organisation })}`,
  )
  if (json === true) return console.log(JSON.stringify(offering, null, 2))
  const { listing } = offering
  console.log(
    fields({
      id: offering.id,
      name: offering.name,
      title: offering.displayName[language],
      description: offering.description[language],
      provider: offering.provider.displayName,
      category: offering.category,
      model: offering.model,
      protection: offering.protection,
      regions: offering.regions.join(', '),
      attestations: offering.attestations
        .map(({ kind, validTo, isExpired }) => `${kind} (${isExpired ? 'expired' : validTo})`)
        .join(', '),
      availability: listing.sla?.availabilityPercent,
      'service hours': listing.sla?.serviceHours,
      documents: offering.documents.map(({ url }) => url).join(' '),
    }),
  )
  const rows = offering.plans.map((plan) => [
    plan.name,
    plan.displayName[language],
    priceTexts(plan.price, language).join('; '),
    permission(plan.order),
    plan.id,
  ])
  console.log(`\n${table([['PLAN', 'TITLE', 'PRICE', 'ORDER', 'PLAN ID'], ...rows])}`)
}

async function compare(plans: string[], options: Compared): Promise<void> {
  const { json, csv, freeze, language, organisation, note } = options
  const query = [
    ...plans.map((plan) => `plan=${encodeURIComponent(plan)}`),
    queryOf({ organisation, language }).slice(1),
  ].join('&')
  if (freeze === true) {
    const body = { organisation, plans, ...(note === undefined ? {} : { note }) }
    const { id, digest } = await callManagement<FrozenComparison>('POST', 'comparisons', body)
    return console.log(fields({ id, digest, address: `/api/comparisons/${id}` }))
  }
  if (csv === true) {
    await printDownload(`catalog/compare?${query}&format=csv`, 'text/csv')
    return
  }
  const comparison = await callManagement<PlanComparison>('GET', `catalog/compare?${query}`)
  if (json === true) return console.log(JSON.stringify(comparison, null, 2))
  const rows = comparisonRows(comparison, language).filter(({ values }) => values.some(Boolean))
  console.log(table(rows.map(({ label, values }) => [label, ...values])))
}
