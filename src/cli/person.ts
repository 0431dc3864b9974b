import { Command, Option } from 'commander'
import type { Me } from '../types.gen.ts'
import { callManagement } from './management-api.ts'
import { fields, table } from './print.ts'

/** `kontor person`: the person whose token KONTOR_TOKEN is. */
export function personCommand(): Command {
  const command = new Command('person').description('the person whose token KONTOR_TOKEN is')
  command
    .command('show')
    .description('who you are, and the roles that you have')
    .option('--json', 'print the answer as JSON')
    .action(async ({ json }: { json?: true }) => {
      const me = await callManagement<Me>('GET', 'people/me')
      console.log(json === true ? JSON.stringify(me, null, 2) : show(me))
    })
  command
    .command('language <language>')
    .description('the language in which Kontor writes to you: de or en')
    .action(async (language: string) =>
      console.log(show(await callManagement<Me>('PATCH', 'people/me', { language }))),
    )
  command
    .command('notifications')
    .description('of what Kontor writes a mail to you; without options it only shows that')
    .addOption(kindsOption('--on <kinds...>', 'write a mail of these'))
    .addOption(kindsOption('--off <kinds...>', 'write none of these'))
    .action(async ({ on = [], off = [] }: { on?: string[]; off?: string[] }) => {
      const notifications = Object.fromEntries([
        ...on.map((kind) => [kind, true] as const),
        ...off.map((kind) => [kind, false] as const),
      ])
      const me =
        on.length + off.length === 0
          ? await callManagement<Me>('GET', 'people/me')
          : await callManagement<Me>('PATCH', 'people/me', { notifications })
      const rows = Object.entries(me.notifications)
      console.log(table(rows.map(([kind, isOn]) => [kind, isOn ? 'on' : 'off'])))
    })
  return command
}

const kinds: ReadonlyArray<keyof Me['notifications']> = [
  'order-accepted',
  'order-ready',
  'order-failed',
  'order-ending',
  'binding-renewal',
]

function kindsOption(flags: string, description: string): Option {
  return new Option(flags, `${description}: ${kinds.join(', ')}`)
}

function show({ id, issuer, subject, name, email, language, duties, roles }: Me): string {
  return fields({
    id,
    issuer,
    subject,
    name,
    'mail address': email,
    language,
    duties: duties.length === 0 ? null : duties.join(', '),
    roles:
      roles.length === 0
        ? null
        : roles.map(({ organisation, role }) => `${role} of ${organisation.name}`).join(', '),
  })
}
