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
  heads: ['ID', 'NAME', 'LEVEL', 'STATE', 'PARENT', 'LEITWEG-ID', 'DISPLAY NAME'],
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
      parent: parent?.name,
      'Leitweg-ID': leitwegId,
      'cost centres':
        costCentres.length === 0
          ? null
          : costCentres.map((each) => `${each.id} (${each.name})`).join(', '),
      created: createdAt,
      updated: updatedAt,
    }),
  acts: {
    suspend: 'refuse new orders for it and its subtree',
    resume: 'end its suspension',
    retire: 'retire it for good; its subtree must have no instances',
  },
}

const levels = ['bund', 'land', 'kommune']
const show = (organisation: OrganisationView) => console.log(organisations.fields(organisation))

/** `kontor organisation`: the tree of organisations, over the management API. */
export function organisationCommand(): Command {
  const command = new Command('organisation').description(
    'the tree of organisations that order, at KONTOR_URL',
  )
  withFields(command.command('create <name>').description('create an organisation'), true).action(
    async (name: string, body: Change) =>
      show(await callManagement('POST', organisations.path, { name, ...body })),
  )
  withFields(
    command
      .command('change <organisation>')
      .description('change an organisation, or move it with its subtree'),
    false,
  )
    .option('--top', 'move it to the top of the tree')
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
    .option('--parent <name>', 'name or id of its parent')
  addShowAndActs(command, organisations)
  return command
}

function withFields(command: Command, isNew: boolean): Command {
  return command
    .addOption(new Option('--display-name <text>', 'name for people').makeOptionMandatory(isNew))
    .addOption(
      new Option('--level <level>', 'federation, state or municipality')
        .choices(levels)
        .makeOptionMandatory(isNew),
    )
    .option('--parent <name>', 'name or id of its parent')
    .option('--leitweg-id <id>', 'Leitweg-ID, the routing id of its invoices')
}
