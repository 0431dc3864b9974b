import { Command, Option } from 'commander'
import type { Page } from '../cut-page.ts'
import type { OperationView } from '../types.gen.ts'
import { callManagement, queryOf } from './management-api.ts'
import { orphanRows } from './orphan.ts'
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

/** `kontor operation`: what an operator does to operations, over the management API. */
export function operationCommand(): Command {
  const command = new Command('operation').description(
    'operations at KONTOR_URL: list them, and resolve those that do not end by themselves',
  )
  command
    .command('list')
    .description('operations of all platforms, newest first')
    .option('--state <state>', 'a state, or unfinished, or stuck')
    .option('--kind <kind>', 'provision, update, deprovision, bind or unbind')
    .option('--provider <name>', 'name or id')
    .option('--platform <name>', 'name or id')
    .option('--instance <id>', 'instance_id of the platform')
    .option('--limit <number>', 'page size')
    .option('--cursor <id>', 'end of the page before')
    .option('--json', 'print the answer as JSON')
    .action(list)
  command
    .command('show <id>')
    .description('one operation, and its orphans at the provider')
    .option('--json', 'print the answer as JSON')
    .action(async (id: string, { json }: Filters) =>
      show(await callManagement('GET', `operations/${encodeURIComponent(id)}`), json),
    )
  act(command, 'retry', 'resume a parked operation, or take the next step of a waiting one now')
  act(
    command,
    'abandon',
    'end it without asking the provider; Kontor removes its orphans there later',
  )
  act(command, 'settle', 'end it with the outcome that you saw at the provider').addOption(
    new Option('--outcome <outcome>', 'the outcome that you saw')
      .choices(['succeeded', 'failed'])
      .makeOptionMandatory(),
  )
  return command
}

function act(command: Command, name: string, description: string): Command {
  return command
    .command(`${name} <id>`)
    .description(description)
    .requiredOption('--reason <text>', 'why, for the audit log')
    .action(async (id: string, body: { reason: string; outcome?: string }) => {
      show(await callManagement('POST', `operations/${encodeURIComponent(id)}/${name}`, body))
    })
}

async function list({ json, instance, ...filters }: Filters): Promise<void> {
  const page = await callManagement<Page<OperationView>>(
    'GET',
    `operations${queryOf({ ...filters, instanceId: instance })}`,
  )
  if (json === true) return console.log(JSON.stringify(page, null, 2))
  if (page.items.length === 0) return console.log('No operations.')
  console.log(
    table([
      [
        'ID',
        'KIND',
        'STATE',
        'PROVIDER',
        'OFFERING',
        'PLAN',
        'PLATFORM',
        'INSTANCE',
        'BINDING',
        'RETRIES',
        'CREATED',
      ],
      ...page.items.map((item) => [
        item.id,
        item.kind,
        stateOf(item),
        item.provider.name,
        item.offering.name,
        item.plan.name,
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
  const { platform, provider, offering, plan, upstream, orphans = [] } = operation
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
      offering: `${offering.name} (${offering.id})`,
      plan: `${plan.name} (${plan.id})`,
      'upstream instance': upstream.instanceId,
      'upstream binding': upstream.bindingId,
      'upstream service': upstream.serviceId,
      'upstream plan': upstream.planId,
      'fencing token': operation.fencingToken,
      retries: operation.retries,
      'internal errors': operation.internalErrors,
      created: operation.createdAt,
      updated: operation.updatedAt,
      'next step': operation.nextStepAt,
      'leased until': operation.leaseUntil,
      deadline: operation.deadlineAt,
      finished: operation.finishedAt,
    }),
  )
  if (orphans.length > 0) console.log(`\nOrphans at the provider:\n${table(orphanRows(orphans))}`)
}
