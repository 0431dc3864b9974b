import { Command } from 'commander'
import type { Page } from '../cut-page.ts'
import type { MembershipView } from '../types.gen.ts'
import { callManagement, queryOf } from './management-api.ts'
import { moreHint, table } from './print.ts'

interface Filters {
  json?: true
  organisation?: string
  person?: string
  role?: string
  limit?: string
  cursor?: string
}

const at = (id: string) => `memberships/${encodeURIComponent(id)}`

/** `kontor membership`: the roles of people in organisations. */
export function membershipCommand(): Command {
  const command = new Command('membership').description(
    'the roles of people in organisations, at KONTOR_URL',
  )
  command
    .command('list')
    .description('the members of the organisations that you administer, newest first')
    .option('--organisation <name>', 'name or id of the organisation itself')
    .option('--person <id>', 'id of the person')
    .option('--role <role>', 'viewer, orderer, approver, administrator and so on')
    .option('--limit <number>', 'page size')
    .option('--cursor <id>', 'end of the page before')
    .option('--json', 'print the answer as JSON')
    .action(async ({ json, ...filters }: Filters) => {
      const page = await callManagement<Page<MembershipView>>(
        'GET',
        `memberships${queryOf({ ...filters })}`,
      )
      if (json === true) return console.log(JSON.stringify(page, null, 2))
      console.log(
        page.items.length === 0 ? 'No memberships.' : show(...page.items) + moreHint(page.next),
      )
    })
  command
    .command('give <person> <organisation> <role>')
    .description('give a person, by its id, a role in an organisation and all below it')
    .action(async (person: string, organisation: string, role: string) =>
      console.log(
        show(await callManagement('POST', 'memberships', { person, organisation, role })),
      ),
    )
  command
    .command('change <membership> <role>')
    .description('give a membership another role')
    .action(async (id: string, role: string) =>
      console.log(show(await callManagement('PATCH', at(id), { role }))),
    )
  command
    .command('remove <membership>')
    .description('take a membership away')
    .action(async (id: string) => {
      await callManagement('DELETE', at(id))
      console.log('Removed.')
    })
  return command
}

function show(...items: readonly MembershipView[]): string {
  return table([
    ['ID', 'ORGANISATION', 'ROLE', 'PERSON', 'NAME', 'MAIL ADDRESS'],
    ...items.map(({ id, organisation, role, person }) => [
      id,
      organisation.name,
      role,
      person.id,
      person.name ?? person.subject,
      person.email ?? '',
    ]),
  ])
}
