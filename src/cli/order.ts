import { Command, Option } from 'commander'
import type { Page } from '../cut-page.ts'
import type {
  CreateOrder,
  OrderCheck,
  OrderItem,
  OrderTimeline,
  OrderView,
  UpdateOrder,
} from '../types.gen.ts'
import { callManagement, printDownload, queryOf } from './management-api.ts'
import { addOrderActs, orderPath, readObject, showOrder, withKey } from './order-acts.ts'
import { addCertificates } from './order-certificate.ts'
import { fields, moreHint, table } from './print.ts'
import { printTimeline } from './timeline.ts'

interface Shown {
  json?: true
}
interface Filters extends Shown {
  state?: string
  organisation?: string
  person?: string
  search?: string
  csv?: true
  limit?: string
  cursor?: string
}

/** `kontor order`: what people order for their organisations. */
export function orderCommand(): Command {
  const command = new Command('order').description(
    'orders of people for their organisations, at KONTOR_URL with KONTOR_TOKEN',
  )
  addList(command)
  addReads(command)
  addDrafts(command)
  addOrderActs(command)
  addCertificates(command)
  return command
}

function addList(command: Command): void {
  command
    .command('list')
    .description('orders of your organisations, newest first')
    .option('--state <state>', 'draft, submitted or discarded')
    .option('--organisation <name>', 'name or id of the organisation that orders')
    .option('--person <id>', 'id of the person who ordered')
    .option('--search <text>', "part of the order's number or of its instance's name")
    .option('--limit <number>', 'page size')
    .option('--cursor <id>', 'end of the page before')
    .option('--csv', 'print all of them as CSV')
    .option('--json', 'print the answer as JSON')
    .action(async ({ json, csv, search: q, ...filters }: Filters) => {
      const given = { ...filters, ...(q === undefined ? {} : { q }) }
      if (csv === true)
        return void (await printDownload(
          `orders${queryOf({ ...given, format: 'csv' })}`,
          'text/csv',
        ))
      const query = queryOf(given)
      const page = await callManagement<Page<OrderItem>>('GET', `orders${query}`)
      if (json === true) return console.log(JSON.stringify(page, null, 2))
      if (page.items.length === 0) return console.log('No orders.')
      const heads = ['NUMBER', 'PROGRESS', 'ORGANISATION', 'PLAN', 'INSTANCE', 'BY']
      console.log(table([heads, ...page.items.map(rowOf)]) + moreHint(page.next))
    })
}

function rowOf(order: OrderItem): string[] {
  const { number, progress, organisation, offering, plan, instance, orderedBy } = order
  return [
    number,
    progress,
    organisation.name,
    `${offering.name}/${plan.name}`,
    instance.name ?? '-',
    orderedBy.name ?? orderedBy.id,
  ]
}

function addReads(command: Command): void {
  command
    .command('show <number>')
    .description('one order')
    .option('--json', 'print the answer as JSON')
    .action(async (number: string, { json }: Shown) => {
      showOrder(await callManagement<OrderView>('GET', orderPath(number)), json)
    })
  command
    .command('check <number>')
    .description('a dry run of a draft: what hinders its submission')
    .option('--json', 'print the answer as JSON')
    .action(async (number: string, { json }: Shown) => {
      const check = await callManagement<OrderCheck>('POST', orderPath(number, '/check'))
      if (json === true) return console.log(JSON.stringify(check, null, 2))
      const { price, priceChanged, priceTag, problems } = check
      const changed = priceChanged ? `changed; accept it with --price-tag ${priceTag}` : undefined
      const { perMonth, minimumTerm } = price
      console.log(fields({ 'per month': perMonth, 'minimum term': minimumTerm, price: changed }))
      if (problems.length === 0) return console.log('It can be submitted.')
      const rows = problems.map(({ field, detail }) => [field ?? '-', detail])
      console.log(table([['FIELD', 'PROBLEM'], ...rows]))
      process.exitCode = 1
    })
  command
    .command('timeline <number>')
    .description('who did what with an order, and what became of it')
    .option('--json', 'print the answer as JSON')
    .action(async (number: string, { json }: Shown) => {
      const timeline = await callManagement<OrderTimeline>('GET', orderPath(number, '/timeline'))
      printTimeline(timeline, json)
    })
}

type Values = Omit<UpdateOrder, 'plan'> & Shown

function withValues(command: Command): Command {
  return command
    .option('--instance-name <text>', 'name of the instance for people')
    .option('--parameters <json>', "as the plan's schema describes them", readObject)
    .option('--purpose <text>', 'what it is needed for')
    .option('--cost-centre <id>', 'of the organisation or of one above it')
    .addOption(
      new Option('--protection-need <need>', 'at most what the offering states').choices([
        'normal',
        'hoch',
        'sehr_hoch',
      ]),
    )
    .option('--beneficiary <name>', 'organisation that uses it')
    .option('--invoice-recipient <name>', 'organisation that pays')
    .option('--json', 'print the answer as JSON')
}

function addDrafts(command: Command): void {
  withKey(
    withValues(
      command
        .command('draft <offering> <plan>')
        .description('make a draft')
        .requiredOption('--organisation <name>', 'name or id of the organisation that orders'),
    ),
  ).action(
    async (
      offering: string,
      plan: string,
      {
        json,
        organisation,
        idempotencyKey,
        ...values
      }: Values & Pick<CreateOrder, 'organisation'> & { idempotencyKey?: string },
    ) => {
      const body: CreateOrder = { organisation, offering, plan, ...values }
      showOrder(await callManagement<OrderView>('POST', 'orders', body, idempotencyKey), json)
    },
  )
  withValues(
    command
      .command('edit <number>')
      .description('change a draft')
      .option('--plan <plan>', 'another plan of the offering'),
  ).action(async (number: string, { json, ...values }: Values & Pick<UpdateOrder, 'plan'>) => {
    showOrder(await callManagement<OrderView>('PATCH', orderPath(number), values), json)
  })
}
