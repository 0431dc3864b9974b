import { Command } from 'commander'
import type { Page } from '../cut-page.ts'
import type { InstanceView } from '../types.gen.ts'
import { addListOptions, listOrCsv, type ListOptions } from './listed.ts'
import { callManagement } from './management-api.ts'
import { fields, moreHint, table } from './print.ts'

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

async function show(id: string, { json }: { json?: true }): Promise<void> {
  const instance = await callManagement<InstanceView>('GET', `instances/${encodeURIComponent(id)}`)
  if (json === true) return console.log(JSON.stringify(instance, null, 2))
  const { platform, provider, organisation, offering, plan } = instance
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
      operation: instance.operation?.id,
      created: instance.createdAt,
      updated: instance.updatedAt,
      deleted: instance.deletedAt,
    }),
  )
}
