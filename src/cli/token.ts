import { Command, InvalidArgumentError, Option } from 'commander'
import type { Page } from '../cut-page.ts'
import type { CreateToken, IssuedToken, TokenView } from '../types.gen.ts'
import { callManagement, queryOf } from './management-api.ts'
import { moreHint, table } from './print.ts'

interface Filters {
  json?: true
  person?: string
  limit?: string
  cursor?: string
}
interface Issue extends Pick<CreateToken, 'organisations' | 'roles'> {
  access: CreateToken['access']
  days: number
}

/** `kontor token`: personal API tokens. */
export function tokenCommand(): Command {
  const command = new Command('token').description(
    'personal tokens for this API, for programs of yours, at KONTOR_URL',
  )
  command
    .command('issue <name>')
    .description('issue a token and print it once')
    .addOption(
      new Option('--access <access>', 'only GET, or all that your roles allow')
        .choices(['read', 'full'])
        .default('read'),
    )
    .option('--days <number>', 'after how many days it expires: 1 to 365', readDays, 90)
    .option('--organisations <names...>', 'it counts only there and below')
    .option('--roles <roles...>', 'it has only these of your roles')
    .action(async (name: string, { days: expiresInDays, ...given }: Issue) => {
      const body: CreateToken = { name, expiresInDays, ...given }
      const { id, token, expiresAt } = await callManagement<IssuedToken>('POST', 'tokens', body)
      console.log(JSON.stringify({ id, name, token, expiresAt }, null, 2))
    })
  command
    .command('list')
    .description('your tokens and those of the members whom you administer, newest first')
    .option('--person <id>', 'id of the person')
    .option('--limit <number>', 'page size')
    .option('--cursor <id>', 'end of the page before')
    .option('--json', 'print the answer as JSON')
    .action(async ({ json, ...filters }: Filters) => {
      const page = await callManagement<Page<TokenView>>('GET', `tokens${queryOf({ ...filters })}`)
      if (json === true) return console.log(JSON.stringify(page, null, 2))
      if (page.items.length === 0) return console.log('No tokens.')
      const heads = ['ID', 'NAME', 'PERSON', 'ACCESS', 'WHERE', 'ROLES', 'EXPIRES', 'LAST USED']
      console.log(table([heads, ...page.items.map(rowOf)]) + moreHint(page.next))
    })
  command
    .command('revoke <token>')
    .description('revoke a token by its id')
    .action(async (id: string) => {
      await callManagement('DELETE', `tokens/${encodeURIComponent(id)}`)
      console.log('Revoked.')
    })
  return command
}

function rowOf(view: TokenView): string[] {
  const { id, name, person, access, organisations, roles, expiresAt, lastUsedAt } = view
  return [
    id,
    name,
    person.name ?? person.subject,
    access,
    organisations?.map((each) => each.name).join(', ') ?? 'everywhere',
    roles?.join(', ') ?? 'all',
    expiresAt,
    lastUsedAt ?? 'never',
  ]
}

function readDays(text: string): number {
  const days = Number(text)
  if (!Number.isInteger(days)) throw new InvalidArgumentError('It must be a number of days.')
  return days
}
