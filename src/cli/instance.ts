import { Command, Option } from 'commander'
import type { Page } from '../cut-page.ts'
import type { InstanceTimeline, InstanceView } from '../types.gen.ts'
import { addListOptions, listOrCsv, type ListOptions } from './listed.ts'
import { callManagement } from './management-api.ts'
import { fields, moreHint, table } from './print.ts'
import { printTimeline } from './timeline.ts'

/** `kontor instance`: what organisations have, over the management API. */
export function instanceCommand(): Command {
  const command = new Command('instance').description(
    'instances of your organisations at KONTOR_URL, whatever platform ordered them',
  )
  addListOptions(
    command
      .command('list')
      .description('instances, newest first')
      .option('--state <state>', 'provisioning, ready, failed, or gone: those that were deleted'),
  ).action(list)
  command
    .command('show <id>')
    .description("one instance by Kontor's id, even if it was deleted")
    .option('--json', 'print the answer as JSON')
    .action(show)
  command
    .command('timeline <id>')
    .description('who did what with an instance, and what became of it')
    .option('--json', 'print the answer as JSON')
    .action(async (id: string, { json }: { json?: true }) => {
      const path = `instances/${encodeURIComponent(id)}/timeline`
      printTimeline(await callManagement<InstanceTimeline>('GET', path), json)
    })
  command
    .command('update <id>')
    .alias('describe')
    .description('set or take away labels, owner or cost centre of an instance')
    .option('--label <key=value...>', 'labels to set')
    .option('--remove-label <key...>', 'labels to take away')
    .addOption(new Option('--owner <text>', 'who cares for it').conflicts('ownerId'))
    .option('--owner-id <id>', 'the person who cares for it')
    .addOption(new Option('--remove-owner', 'take the owner away').conflicts(['owner', 'ownerId']))
    .option('--cost-centre <text>', 'who pays for it')
    .addOption(
      new Option('--remove-cost-centre', 'take the cost centre away').conflicts('costCentre'),
    )
    .action(update)
  return command
}

async function list(options: ListOptions): Promise<void> {
  const page = await listOrCsv<Page<InstanceView>>('instances', options)
  if (page === undefined) return
  if (page.items.length === 0) return console.log('No instances.')
  console.log(
    table([
      ['ID', 'NAME', 'STATE', 'OFFERING', 'PLAN', 'ORGANISATION', 'PLATFORM', 'INSTANCE'],
      ...page.items.map((item) => [
        item.id,
        item.name ?? '',
        stateOf(item),
        item.offering.name,
        item.plan.name,
        item.organisation?.name ?? '',
        item.platform.name,
        item.instanceId,
      ]),
    ]) + moreHint(page.next),
  )
}

function stateOf({ state, usable, operation }: InstanceView): string {
  return [
    state,
    ...(usable ? [] : ['not usable']),
    ...(operation === null ? [] : [`${operation.kind} runs`]),
  ].join(', ')
}

interface Change {
  label?: string[]
  removeLabel?: string[]
  owner?: string
  ownerId?: string
  removeOwner?: true
  costCentre?: string
  removeCostCentre?: true
}

async function update(id: string, change: Change): Promise<void> {
  const { label = [], removeLabel = [], removeOwner, removeCostCentre, ...values } = change
  const set = label.map((pair): [string, string] => {
    const at = pair.indexOf('=')
    return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
  })
  const labels = Object.fromEntries([...set, ...removeLabel.map((key) => [key, null] as const)])
  const body = {
    ...values,
    ...(removeOwner && { owner: null }),
    ...(removeCostCentre && { costCentre: null }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  }
  print(await callManagement<InstanceView>('PATCH', `instances/${encodeURIComponent(id)}`, body))
}

async function show(id: string, { json }: { json?: true }): Promise<void> {
  const instance = await callManagement<InstanceView>('GET', `instances/${encodeURIComponent(id)}`)
  if (json === true) return console.log(JSON.stringify(instance, null, 2))
  print(instance)
}

function print(instance: InstanceView): void {
  const { platform, provider, organisation, offering, plan, labels, owner } = instance
  console.log(
    fields({
      id: instance.id,
      name: instance.name,
      state: stateOf(instance),
      offering: `${offering.name} (${offering.id})`,
      plan: `${plan.name} (${plan.id})`,
      organisation: organisation === null ? null : `${organisation.name} (${organisation.id})`,
      platform: `${platform.name} (${instance.platformKind}, ${platform.id})`,
      instance: instance.instanceId,
      provider: `${provider.name} (${provider.id})`,
      'upstream instance': instance.upstreamId,
      'maintenance version': instance.maintenanceVersion,
      dashboard: instance.dashboardUrl,
      bindings: instance.bindings,
      labels: labelText(labels),
      owner: owner?.name ?? owner?.personId,
      'cost centre': instance.costCentre,
      operation: instance.operation?.id,
      created: instance.createdAt,
      updated: instance.updatedAt,
      deleted: instance.deletedAt,
    }),
  )
}

function labelText(labels: InstanceView['labels']): string | null {
  const pairs = Object.entries(labels).map((pair) => pair.join('='))
  return pairs.length === 0 ? null : pairs.join(',')
}
