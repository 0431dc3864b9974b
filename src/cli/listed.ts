import type { Command } from 'commander'
import { callManagement, printDownload, queryOf } from './management-api.ts'

/** The filters that lists of instances and of bindings share, and how they are printed. */
export interface ListOptions {
  state?: string
  organisation?: string
  platform?: string
  provider?: string
  offering?: string
  plan?: string
  instance?: string
  search?: string
  labels?: string
  owner?: string
  costCentre?: string
  expiresBefore?: string
  limit?: string
  cursor?: string
  csv?: true
  json?: true
}

export function addListOptions(command: Command): Command {
  return command
    .option('--organisation <name>', 'name or id; those below it count, too')
    .option('--platform <name>', 'name or id')
    .option('--provider <name>', 'name or id')
    .option('--offering <name>', 'name or id')
    .option('--plan <name>', 'name or id')
    .option('--instance <id>', 'instance_id of the platform')
    .option('--search <text>', 'part of a name, or the beginning of an id')
    .option('--labels <query>', 'such as env=prod,team!=x')
    .option('--owner <text>', 'who cares for it: a text, or the id of a person')
    .option('--cost-centre <text>', 'who pays for it')
    .option('--expires-before <time>', 'only with credentials that end before it')
    .option('--limit <number>', 'page size')
    .option('--cursor <id>', 'end of the page before')
    .option('--csv', 'print all of them as CSV')
    .option('--json', 'print the answer as JSON')
}

/** @returns the page to print; undefined: it is printed already, as JSON or CSV */
export async function listOrCsv<Page>(
  noun: string,
  { json, csv, instance, search, ...filters }: ListOptions,
): Promise<Page | undefined> {
  const query = { ...filters, instanceId: instance, q: search }
  if (csv === true) {
    await printDownload(`${noun}${queryOf({ ...query, format: 'csv' })}`, 'text/csv')
    return undefined
  }
  const page = await callManagement<Page>('GET', `${noun}${queryOf(query)}`)
  if (json !== true) return page
  console.log(JSON.stringify(page, null, 2))
  return undefined
}
