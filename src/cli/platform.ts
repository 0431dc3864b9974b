import { Command, Option } from 'commander'
import type { CredentialView, IssuedCredential, PlatformView } from '../types.gen.ts'
import { credentialFields, credentialRows } from './credentials.ts'
import { callManagement } from './management-api.ts'
import { fields, table } from './print.ts'
import { addList, addressOf, addShowAndActs, type TenantKind } from './tenant-commands.ts'

interface Creation {
  displayName?: string
  kind?: string
  organisation?: string
}

const platforms: TenantKind<PlatformView> = {
  noun: 'platform',
  path: 'platforms',
  heads: ['ID', 'NAME', 'KIND', 'STATE', 'ORGANISATION', 'DISPLAY NAME'],
  row: (item) => [
    item.id,
    item.name,
    item.kind,
    item.state,
    item.organisation?.name ?? '',
    item.displayName,
  ],
  fields: ({ id, name, displayName, kind, state, organisation, createdAt, updatedAt }) =>
    fields({
      id,
      name,
      'display name': displayName,
      kind,
      state,
      organisation: organisation?.name,
      created: createdAt,
      updated: updatedAt,
    }),
  acts: {
    suspend: 'refuse its new orders; it can still read, unbind and deprovision',
    resume: 'end its suspension',
    retire: 'retire it for good; it must have no instances',
  },
}
const at = (id: string) => addressOf(platforms, id)

/**
 * `kontor platform`: over the management API, but for the first platform, made straight in the
 * database.
 */
export function platformCommand(): Command {
  const command = new Command('platform').description(
    'platforms that may order, and how they sign in, at KONTOR_URL',
  )
  command
    .command('create <name>')
    .description(
      'create a platform and print its password once; without KONTOR_URL straight in the ' +
        'database at DATABASE_URL',
    )
    .option('--display-name <text>', 'name for people')
    .addOption(
      new Option('--kind <kind>', 'kind of platform').choices([
        'cloudfoundry',
        'kubernetes',
        'other',
      ]),
    )
    .option('--organisation <name>', 'name or id of its organisation')
    .action(async (name: string, creation: Creation) => {
      // An installation needs its first platform before any Kontor runs.
      if ((process.env['KONTOR_URL'] ?? '') === '')
        return (await import('./create-platform.ts')).createPlatformCommand(name, creation)
      const { id } = await callManagement<PlatformView>('POST', platforms.path, {
        name,
        ...creation,
      })
      const { username, password } = await callManagement<IssuedCredential>(
        'POST',
        `${at(id)}/credentials`,
        { kind: 'basic' },
      )
      console.log(JSON.stringify({ id, name, username, password }, null, 2))
    })
  addList(command, platforms)
    .option('--kind <kind>', 'cloudfoundry, kubernetes, other or console')
    .option('--organisation <name>', 'name or id')
  addShowAndActs(command, platforms)
  command.addCommand(credentialCommand())
  return command
}

function credentialCommand(): Command {
  const command = new Command('credential').description(
    'how a platform signs in: at most two of each kind, so that one can replace the other',
  )
  command
    .command('list <platform>')
    .description('credentials without their secrets, oldest first')
    .option('--json', 'print the answer as JSON')
    .action(async (id: string, { json }: { json?: true }) => {
      const answer = await callManagement<{ readonly items: readonly CredentialView[] }>(
        'GET',
        `${at(id)}/credentials`,
      )
      if (json === true) return console.log(JSON.stringify(answer, null, 2))
      console.log(
        answer.items.length === 0 ? 'No credentials.' : table(credentialRows(answer.items)),
      )
    })
  command
    .command('issue <platform>')
    .description('issue another credential; prints a password once')
    .addOption(
      new Option('--kind <kind>', 'how it signs in')
        .choices(['basic', 'bearer', 'mtls'])
        .default('basic'),
    )
    .option('--issuer <url>', 'bearer: the issuer of its tokens')
    .option('--subject <text>', 'bearer: the subject of its tokens')
    .option('--certificate-name <name>', 'mtls: the subject name of its client certificate')
    .action(async (id: string, body: object) =>
      console.log(credentialFields(await callManagement('POST', `${at(id)}/credentials`, body))),
    )
  command
    .command('revoke <platform> <credential>')
    .description('revoke a credential by its id')
    .action(async (id: string, credential: string) => {
      await callManagement('DELETE', `${at(id)}/credentials/${encodeURIComponent(credential)}`)
      console.log('Revoked.')
    })
  return command
}
