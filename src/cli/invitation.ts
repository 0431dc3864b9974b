import { Command } from 'commander'
import type { Page } from '../cut-page.ts'
import type { InvitationView } from '../types.gen.ts'
import { callManagement, queryOf } from './management-api.ts'
import { moreHint, table } from './print.ts'

interface Filters {
  json?: true
  limit?: string
  cursor?: string
}
interface Invite {
  email?: string
  issuer?: string
  subject?: string
  days: string
}

/** `kontor invitation`: roles that wait for people who are no members yet. */
export function invitationCommand(): Command {
  const command = new Command('invitation').description(
    'roles that wait for people who are no members yet, at KONTOR_URL',
  )
  command
    .command('create <organisation> <role>')
    .description('invite a person by its mail address, or by its subject at an issuer')
    .option('--email <address>', 'mail address, which the issuer of its sign-in must have verified')
    .option('--issuer <url>', 'issuer of its tokens')
    .option('--subject <text>', 'subject of its tokens')
    .option('--days <number>', 'after how many days it expires: 1 to 30', '14')
    .action(async (organisation: string, role: string, { days, ...who }: Invite) =>
      console.log(
        show(
          await callManagement<InvitationView>('POST', 'invitations', {
            organisation,
            role,
            expiresInDays: Number(days),
            ...who,
          }),
        ),
      ),
    )
  command
    .command('list')
    .description('invitations to the organisations that you administer, newest first')
    .option('--limit <number>', 'page size')
    .option('--cursor <id>', 'end of the page before')
    .option('--json', 'print the answer as JSON')
    .action(async ({ json, ...filters }: Filters) => {
      const page = await callManagement<Page<InvitationView>>(
        'GET',
        `invitations${queryOf({ ...filters })}`,
      )
      if (json === true) return console.log(JSON.stringify(page, null, 2))
      console.log(
        page.items.length === 0 ? 'No invitations.' : show(...page.items) + moreHint(page.next),
      )
    })
  command
    .command('revoke <invitation>')
    .description('revoke an invitation by its id')
    .action(async (id: string) => {
      await callManagement('DELETE', `invitations/${encodeURIComponent(id)}`)
      console.log('Revoked.')
    })
  command
    .command('accept')
    .description('accept all invitations that name you')
    .action(async () => {
      await callManagement('POST', 'invitations/accept')
      console.log('Accepted, if there were any: see "kontor person show".')
    })
  return command
}

function show(...items: readonly InvitationView[]): string {
  return table([
    ['ID', 'ORGANISATION', 'ROLE', 'FOR', 'STATE', 'EXPIRES'],
    ...items.map(({ id, organisation, role, email, issuer, subject, state, expiresAt }) => [
      id,
      organisation.name,
      role,
      email ?? `${subject} of ${issuer}`,
      state,
      expiresAt,
    ]),
  ])
}
