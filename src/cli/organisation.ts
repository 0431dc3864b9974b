import { Command, Option } from 'commander'
import type { OrganisationView } from '../types.gen.ts'
import { callManagement } from './management-api.ts'
import { fields } from './print.ts'
import { addList, addressOf, addShowAndActs, type TenantKind } from './tenant-commands.ts'

interface Change {
  displayName?: string
  level?: string
  parent?: string
  leitwegId?: string
}

const organisations: TenantKind<OrganisationView> = {
  noun: 'organisation',
  path: 'organisations',
  heads: ['ID', 'NAME', 'LEVEL', 'STATE', 'BELOW', 'LEITWEG-ID', 'DISPLAY NAME'],
  row: (item) => [
    item.id,
    item.name,
    item.level,
    item.state,
    item.parent?.name ?? '',
    item.leitwegId ?? '',
    item.displayName,
  ],
  fields: ({
    id,
    name,
    displayName,
    level,
    state,
    parent,
    leitwegId,
    costCentres,
    createdAt,
    updatedAt,
  }) =>
    fields({
      id,
      name,
      'display name': displayName,
      level,
      state,
      below: parent?.name,
      'Leitweg-ID': leitwegId,
      'cost centres':
        costCentres.length === 0
          ? null
          : costCentres.map((each) => `${each.id} (${each.name})`).join(', '),
      created: createdAt,
      updated: updatedAt,
    }),
  acts: {
    suspend: 'let nothing new be ordered for it and all below it',
    resume: 'end its suspension',
    retire: 'end it for good; nothing that is live may be below it',
  },
}

const levels = ['bund', 'land', 'kommune']
const show = (organisation: OrganisationView) => console.log(organisations.fields(organisation))

/** The tree of those who order, over the management API. */
export function organisationCommand(): Command {
  const command = new Command('organisation').description(
    'the tree of those who order, at KONTOR_URL',
  )
  describedBy(command.command('create <name>').description('create an organisation'), true).action(
    async (name: string, body: Change) =>
      show(await callManagement('POST', organisations.path, { name, ...body })),
  )
  describedBy(
    command
      .command('change <organisation>')
      .description('change an organisation, or move it with all that is below it'),
    false,
  )
    .option('--top', 'it stands at the top, below no other one')
    .action(async (id: string, { top, ...body }: Change & { top?: true }) =>
      show(
        await callManagement(
          'PATCH',
          addressOf(organisations, id),
          top === true ? { ...body, parent: null } : body,
        ),
      ),
    )
  addList(command, organisations)
    .option('--level <level>', 'bund, land or kommune')
    .option('--parent <name>', 'name or id of the one directly above')
  addShowAndActs(command, organisations)
  return command
}

function describedBy(command: Command, isNew: boolean): Command {
  return command
    .addOption(new Option('--display-name <text>', 'name for people').makeOptionMandatory(isNew))
    .addOption(
      new Option('--level <level>', 'federation, state or municipality')
        .choices(levels)
        .makeOptionMandatory(isNew),
    )
    .option('--parent <name>', 'name or id of the one above it')
    .option('--leitweg-id <id>', 'address of its invoices')
}
