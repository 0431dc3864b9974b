import { Command, Option } from 'commander'
import type { Page } from '../cut-page.ts'
import type { AgencyRegistration, RegistrationView } from '../types.gen.ts'
import { callManagement, queryOf } from './management-api.ts'
import { fields, moreHint, table } from './print.ts'

interface Shown {
  json?: true
}
interface Filters extends Shown {
  state?: string
  limit?: string
  cursor?: string
}
interface Agency extends Pick<
  AgencyRegistration,
  'displayName' | 'level' | 'leitwegId' | 'parent'
> {
  contactName: string
  contactEmail: string
  contactPhone?: string
}

const path = 'registrations'
const at = (id: string, verb = '') => `${path}/${encodeURIComponent(id)}${verb}`
const show = (view: RegistrationView) => console.log(fieldsOf(view))

/** `kontor registration`: what people ask for, and its decision. */
export function registrationCommand(): Command {
  const command = new Command('registration').description(
    'agencies that want to come in, and people who want to join one, at KONTOR_URL',
  )
  addRequests(command)
  command
    .command('list')
    .description('those that are yours or that you decide, newest first')
    .option('--state <state>', 'pending, accepted, refused or withdrawn')
    .option('--limit <number>', 'page size')
    .option('--cursor <id>', 'end of the page before')
    .option('--json', 'print the answer as JSON')
    .action(async ({ json, ...filters }: Filters) => {
      const page = await callManagement<Page<RegistrationView>>(
        'GET',
        `${path}${queryOf({ ...filters })}`,
      )
      if (json === true) return console.log(JSON.stringify(page, null, 2))
      if (page.items.length === 0) return console.log('No registrations.')
      const heads = ['ID', 'STATE', 'WHAT', 'PERSON', 'ASKED AT']
      console.log(table([heads, ...page.items.map(rowOf)]) + moreHint(page.next))
    })
  command
    .command('show <registration>')
    .description('one registration')
    .option('--json', 'print the answer as JSON')
    .action(async (id: string, { json }: Shown) => {
      const view = await callManagement<RegistrationView>('GET', at(id))
      console.log(json === true ? JSON.stringify(view, null, 2) : fieldsOf(view))
    })
  addDecisions(command)
  return command
}

function addRequests(command: Command): void {
  command
    .command('agency <name>')
    .description('ask that your agency becomes an organisation')
    .requiredOption('--display-name <text>', 'name for people')
    .addOption(
      new Option('--level <level>', 'federation, state or municipality')
        .choices(['bund', 'land', 'kommune'])
        .makeOptionMandatory(),
    )
    .option('--parent <name>', 'name of the organisation above it')
    .option('--leitweg-id <id>', 'Leitweg-ID, the routing id of its invoices')
    .requiredOption('--contact-name <text>', 'whom the operator can ask')
    .requiredOption('--contact-email <address>', 'and at which address')
    .option('--contact-phone <number>', 'and under which number')
    .action(async (name: string, given: Agency) => {
      const { contactName, contactEmail, contactPhone: phone, ...agency } = given
      const contact = {
        name: contactName,
        email: contactEmail,
        ...(phone === undefined ? {} : { phone }),
      }
      show(await callManagement('POST', path, { agency: { name, ...agency, contact } }))
    })
  command
    .command('join <organisation> <role>')
    .description('ask for a role in an organisation')
    .option('--message <text>', 'for the administrator who decides')
    .action(async (organisation: string, role: string, given: { message?: string }) =>
      show(await callManagement('POST', path, { join: { organisation, role, ...given } })),
    )
  command
    .command('withdraw <registration>')
    .description('take back what you asked for')
    .action(async (id: string) => show(await callManagement('POST', at(id, '/withdraw'))))
}

function addDecisions(command: Command): void {
  command
    .command('accept <registration>')
    .description('accept it: creates the organisation of an agency, or gives the role')
    .option('--name <name>', 'of an agency: another name than the proposed one')
    .option('--parent <name>', 'of an agency: name or id of its parent')
    .option('--top', 'of an agency: it stands at the top of the tree')
    .option('--role <role>', 'of a person who joins: another role')
    .action(async (id: string, { top, ...change }: { top?: true }) =>
      show(
        await callManagement('POST', at(id, '/accept'), {
          ...change,
          ...(top === true ? { parent: null } : {}),
        }),
      ),
    )
  command
    .command('refuse <registration>')
    .description('refuse it')
    .requiredOption('--reason <text>', 'for the person who asked, and for the audit log')
    .action(async (id: string, body: { reason: string }) =>
      show(await callManagement('POST', at(id, '/refuse'), body)),
    )
}

function whatOf({ agency, join }: RegistrationView): string {
  return agency === undefined
    ? `${join?.role} of ${join?.organisation}`
    : `agency ${agency.name} (${agency.displayName})`
}

function rowOf(view: RegistrationView): string[] {
  const { id, state, person, createdAt } = view
  return [id, state, whatOf(view), person.name ?? person.subject, createdAt]
}

function fieldsOf(view: RegistrationView): string {
  const { id, person, agency, join, state, organisation, reason, createdAt, decidedAt } = view
  return fields({
    id,
    what: whatOf(view),
    level: agency?.level,
    parent: agency?.parent,
    'Leitweg-ID': agency?.leitwegId,
    contact: agency && `${agency.contact.name}, ${agency.contact.email}`,
    message: join?.message,
    person: `${person.name ?? person.subject} (${person.id})`,
    'mail address': person.email,
    state,
    organisation: organisation?.name,
    reason,
    asked: createdAt,
    decided: decidedAt,
  })
}
