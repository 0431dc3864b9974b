import { Command, Option } from 'commander'
import type { OrganisationPage, OrganisationView } from '../types.gen.ts'
import { callManagement, queryOf } from './management-api.ts'
import { fields, moreHint, table } from './print.ts'

interface Filters { state?: string, level?: string, parent?: string, limit?: string, cursor?: string, json?: true }
interface Change { displayName?: string, level?: string, parent?: string, leitwegId?: string }

const at = (id: string) => `organisations/${encodeURIComponent(id)}`
const levels = ['bund', 'land', 'kommune']

/** The tree of those who order, over the management API. */
export function organisationCommand (): Command {
  const command = new Command('organisation').description('the tree of those who order, at KONTOR_URL')
  describedBy(command.command('create <name>').description('create an organisation'), true)
    .action(async (name: string, body: Change) => show(await callManagement('POST', 'organisations', { name, ...body })))
  describedBy(command.command('change <organisation>').description('change an organisation, or move it with all that is below it'), false)
    .option('--top', 'it stands at the top, below no other one')
    .action(async (id: string, { top, ...body }: Change & { top?: true }) => show(await callManagement('PATCH', at(id), top === true ? { ...body, parent: null } : body)))
  command.command('list')
    .description('organisations, newest first; retired ones only if they are asked for')
    .option('--state <state>', 'active, suspended or retired')
    .option('--level <level>', 'bund, land or kommune')
    .option('--parent <name>', 'name or id of the one directly above')
    .option('--limit <number>', 'how many at most')
    .option('--cursor <id>', 'where the page before ended')
    .option('--json', 'the answer as it is')
    .action(list)
  command.command('show <organisation>')
    .description('one organisation, by its name or id')
    .option('--json', 'the answer as it is')
    .action(async (id: string, { json }: Filters) => show(await callManagement('GET', at(id)), json))
  act(command, 'suspend', 'let nothing new be ordered for it and all below it')
  act(command, 'resume', 'end its suspension')
  act(command, 'retire', 'end it for good; nothing that is live may be below it')
  return command
}

function describedBy (command: Command, isNew: boolean): Command {
  return command
    .addOption(new Option('--display-name <text>', 'name for people').makeOptionMandatory(isNew))
    .addOption(new Option('--level <level>', 'federation, state or municipality').choices(levels).makeOptionMandatory(isNew))
    .option('--parent <name>', 'name or id of the one above it')
    .option('--leitweg-id <id>', 'address of its invoices')
}

function act (command: Command, name: string, description: string): void {
  command.command(`${name} <organisation>`)
    .description(description)
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(async (id: string, body: { reason: string }) => show(await callManagement('POST', `${at(id)}/${name}`, body)))
}

async function list ({ json, ...filters }: Filters): Promise<void> {
  const page = await callManagement<OrganisationPage>('GET', `organisations${queryOf({ ...filters })}`)
  if (json === true) return console.log(JSON.stringify(page, null, 2))
  if (page.items.length === 0) return console.log('There are none.')
  console.log(table([
    ['ID', 'NAME', 'LEVEL', 'STATE', 'BELOW', 'LEITWEG-ID', 'DISPLAY NAME'],
    ...page.items.map((item) => [item.id, item.name, item.level, item.state, item.parent?.name ?? '', item.leitwegId ?? '', item.displayName])
  ]) + moreHint(page.next))
}

function show (organisation: OrganisationView, json?: true): void {
  if (json === true) return console.log(JSON.stringify(organisation, null, 2))
  const { id, name, displayName, level, state, parent, leitwegId, costCentres, createdAt, updatedAt } = organisation
  console.log(fields({
    id, name, 'display name': displayName, level, state, below: parent?.name, 'Leitweg-ID': leitwegId,
    'cost centres': costCentres.length === 0 ? null : costCentres.map((each) => `${each.id} (${each.name})`).join(', '), created: createdAt, updated: updatedAt
  }))
}
