import { Command, Option } from 'commander'
import type { CredentialList, IssuedCredential, PlatformView } from '../types.gen.ts'
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
    suspend: 'let it order nothing new; what it has it can still read, unbind and delete',
    resume: 'end its suspension',
    retire: 'end it for good; it must have no instances',
  },
}
const at = (id: string) => addressOf(platforms, id)

/** Platforms that may order: the first one straight in the database, all else over the management API. */
export function platformCommand(): Command {
  const command = new Command('platform').description(
    'platforms that may order, and how they sign in, at KONTOR_URL',
  )
  command
    .command('create <name>')
    .description(
      'create a platform and print its credentials, once: at KONTOR_URL, or without it in the database at DATABASE_URL',
    )
    .option('--display-name <text>', 'name for people')
    .addOption(
      new Option('--kind <kind>', 'what orders there').choices([
        'cloudfoundry',
        'kubernetes',
        'other',
      ]),
    )
    .option('--organisation <name>', 'name or id of the organisation that it belongs to')
    .action(async (name: string, creation: Creation) => {
      // The first platform is made before any Kontor runs.
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
    .option('--kind <kind>', 'cloudfoundry, kubernetes or other')
    .option('--organisation <name>', 'name or id')
  addShowAndActs(command, platforms)
  command.addCommand(credentialsCommand())
  return command
}

function credentialsCommand(): Command {
  const command = new Command('credentials').description(
    'how a platform signs in: two of a kind at most, so that one can follow the other',
  )
  command
    .command('list <platform>')
    .description('without secrets, oldest first')
    .option('--json', 'the answer as it is')
    .action(async (id: string, { json }: { json?: true }) => {
      const answer = await callManagement<CredentialList>('GET', `${at(id)}/credentials`)
      if (json === true) return console.log(JSON.stringify(answer, null, 2))
      console.log(
        answer.items.length === 0 ? 'There are none.' : table(credentialRows(answer.items)),
      )
    })
  command
    .command('issue <platform>')
    .description('one more; a password is printed, once')
    .addOption(
      new Option('--kind <kind>', 'how it signs in')
        .choices(['basic', 'bearer', 'mtls'])
        .default('basic'),
    )
    .option('--issuer <url>', 'of bearer: who issues the tokens')
    .option('--subject <text>', 'of bearer: whom they are about')
    .option('--certificate-name <name>', 'of mtls: the name in the client certificate')
    .action(async (id: string, body: object) =>
      console.log(credentialFields(await callManagement('POST', `${at(id)}/credentials`, body))),
    )
  command
    .command('revoke <platform> <credential>')
    .description('take one away, by its id')
    .action(async (id: string, credential: string) => {
      await callManagement('DELETE', `${at(id)}/credentials/${encodeURIComponent(credential)}`)
      console.log('Revoked.')
    })
  return command
}
