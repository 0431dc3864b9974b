import { Command } from 'commander'
import type { Page } from '../cut-page.ts'
import type { BindingCredentials, BindingView } from '../types.gen.ts'
import { addListOptions, listOrCsv, type ListOptions } from './listed.ts'
import { callManagement } from './management-api.ts'
import { fields, moreHint, table } from './print.ts'

/** `kontor binding`: bindings of what organisations have, over the management API. */
export function bindingCommand(): Command {
  const command = new Command('binding').description('bindings of your organisations at KONTOR_URL')
  addListOptions(
    command
      .command('list')
      .description('bindings, those of the newest instance first')
      .option('--state <state>', 'binding, ready or failed'),
  ).action(list)
  command
    .command('show <id>')
    .description("one binding by Kontor's id, even if it was deleted")
    .option('--json', 'print the answer as JSON')
    .action(show)
  command
    .command('credentials <id>')
    .description(
      "print the credentials of a binding by Kontor's id, as JSON; each time is recorded",
    )
    .action(async (id: string) => {
      const path = `bindings/${encodeURIComponent(id)}/credentials`
      console.log(JSON.stringify(await callManagement<BindingCredentials>('POST', path), null, 2))
    })
  return command
}

async function list(options: ListOptions): Promise<void> {
  const page = await listOrCsv<Page<BindingView>>('bindings', options)
  if (page === undefined) return
  if (page.items.length === 0) return console.log('No bindings.')
  console.log(
    table([
      ['ID', 'STATE', 'EXPIRES', 'NAME', 'OFFERING', 'PLAN', 'PLATFORM', 'INSTANCE', 'BINDING'],
      ...page.items.map((item) => [
        item.id,
        stateOf(item),
        item.expiresAt ?? '',
        item.instance.name ?? '',
        item.offering.name,
        item.plan.name,
        item.platform.name,
        item.instance.instanceId,
        item.bindingId,
      ]),
    ]) + moreHint(page.next),
  )
}

function stateOf({ state, isExpired, operation }: BindingView): string {
  return [
    state,
    ...(isExpired ? ['expired'] : []),
    ...(operation === null ? [] : [`${operation.kind} runs`]),
  ].join(', ')
}

async function show(id: string, { json }: { json?: true }): Promise<void> {
  const binding = await callManagement<BindingView>('GET', `bindings/${encodeURIComponent(id)}`)
  if (json === true) return console.log(JSON.stringify(binding, null, 2))
  const { instance, platform, provider, organisation, offering, plan } = binding
  console.log(
    fields({
      id: binding.id,
      state: stateOf(binding),
      binding: binding.bindingId,
      instance: `${instance.instanceId} (${instance.id})`,
      name: instance.name,
      offering: `${offering.name} (${offering.id})`,
      plan: `${plan.name} (${plan.id})`,
      organisation: organisation === null ? null : `${organisation.name} (${organisation.id})`,
      platform: `${platform.name} (${binding.platformKind}, ${platform.id})`,
      provider: `${provider.name} (${provider.id})`,
      predecessor: binding.predecessorId,
      'renew before': binding.renewBefore,
      expires: binding.expiresAt,
      operation: binding.operation?.id,
      created: binding.createdAt,
      updated: binding.updatedAt,
      deleted: binding.deletedAt,
    }),
  )
}
