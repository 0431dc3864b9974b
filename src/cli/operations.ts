import { Command, Option } from 'commander'
import type { OperationPage, OperationView } from '../types.gen.ts'
import { callManagement, queryOf } from './management-api.ts'
import { orphanRows } from './orphans.ts'
import { fields, moreHint, table } from './print.ts'

interface Filters {
  state?: string
  kind?: string
  provider?: string
  platform?: string
  instance?: string
  limit?: string
  cursor?: string
  json?: true
}

/** What an operator does to operations, over the management API. */
export function operationsCommand(): Command {
  const command = new Command('operations').description(
    'operations at KONTOR_URL: look at them, and end those that do not end by themselves',
  )
  command
    .command('list')
    .description('operations of all platforms, newest first')
    .option('--state <state>', 'a state by its name, or unfinished, or stuck')
    .option('--kind <kind>', 'provision, update, deprovision, bind or unbind')
    .option('--provider <name>', 'name or id')
    .option('--platform <name>', 'name or id')
    .option('--instance <id>', "the platform's id of the instance")
    .option('--limit <number>', 'how many at most')
    .option('--cursor <id>', 'where the page before ended')
    .option('--json', 'the answer as it is')
    .action(list)
  command
    .command('show <id>')
    .description('one operation, and what it may have left at its provider')
    .option('--json', 'the answer as it is')
    .action(async (id: string, { json }: Filters) =>
      show(await callManagement('GET', `operations/${encodeURIComponent(id)}`), json),
    )
  act(command, 'retry', 'get a parked one going again, or have a waiting one taken up at once')
  act(
    command,
    'abandon',
    'end it without its provider; what it may have left there is removed later',
  )
  act(command, 'settle', 'end it as you have found it at the provider').addOption(
    new Option('--outcome <outcome>', 'what you have found')
      .choices(['succeeded', 'failed'])
      .makeOptionMandatory(),
  )
  return command
}

function act(command: Command, name: string, description: string): Command {
  return command
    .command(`${name} <id>`)
    .description(description)
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(async (id: string, body: { reason: string; outcome?: string }) => {
      show(await callManagement('POST', `operations/${encodeURIComponent(id)}/${name}`, body))
    })
}

async function list({ json, instance, ...filters }: Filters): Promise<void> {
  const page = await callManagement<OperationPage>(
    'GET',
    `operations${queryOf({ ...filters, instanceId: instance })}`,
  )
  if (json === true) return console.log(JSON.stringify(page, null, 2))
  if (page.items.length === 0) return console.log('There are none.')
  console.log(
    table([
      ['ID', 'KIND', 'STATE', 'PROVIDER', 'PLATFORM', 'INSTANCE', 'BINDING', 'TRIES', 'CREATED'],
      ...page.items.map((item) => [
        item.id,
        item.kind,
        stateOf(item),
        item.provider.name,
        item.platform.name,
        item.instanceId,
        item.bindingId ?? '',
        String(item.retries),
        item.createdAt,
      ]),
    ]) + moreHint(page.next),
  )
}

function stateOf({ state, stuck }: OperationView): string {
  return stuck ? `${state}, stuck` : state
}

function show(operation: OperationView, json?: true): void {
  if (json === true) return console.log(JSON.stringify(operation, null, 2))
  const { platform, provider, upstream, orphans = [] } = operation
  console.log(
    fields({
      id: operation.id,
      kind: operation.kind,
      state: stateOf(operation),
      description: operation.description,
      refusal: operation.refusal,
      platform: `${platform.name} (${platform.id})`,
      instance: operation.instanceId,
      binding: operation.bindingId,
      provider: `${provider.name} (${provider.id})`,
      'instance there': upstream.instanceId,
      'binding there': upstream.bindingId,
      'service there': upstream.serviceId,
      'plan there': upstream.planId,
      claimed: `${operation.fencingToken} times`,
      'tries, breaks': `${operation.retries}, ${operation.internalErrors}`,
      created: operation.createdAt,
      updated: operation.updatedAt,
      'next step': operation.nextStepAt,
      'held until': operation.leaseUntil,
      deadline: operation.deadlineAt,
      finished: operation.finishedAt,
    }),
  )
  if (orphans.length > 0)
    console.log(`\nMay be left at the provider:\n${table(orphanRows(orphans))}`)
}
