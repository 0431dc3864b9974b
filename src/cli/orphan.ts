import { Command } from 'commander'
import type { Page } from '../cut-page.ts'
import type { OrphanView } from '../types.gen.ts'
import { callManagement, queryOf } from './management-api.ts'
import { moreHint, table } from './print.ts'

interface Filters {
  state?: string
  cause?: string
  provider?: string
  limit?: string
  cursor?: string
  json?: true
}

/** `kontor orphan`: what an operator decides about orphans, over the management API. */
export function orphanCommand(): Command {
  const command = new Command('orphan').description(
    'orphans, resources that orders may have left at providers, at KONTOR_URL',
  )
  command
    .command('list')
    .description('orphans of all platforms, newest first')
    .option('--state <state>', 'open, removed, void or forgotten')
    .option('--cause <cause>', 'doubtful_call, late_call, retained or abandoned')
    .option('--provider <name>', 'name or id')
    .option('--limit <number>', 'page size')
    .option('--cursor <id>', 'end of the page before')
    .option('--json', 'print the answer as JSON')
    .action(list)
  act(command, 'remove', 'remove it at the provider now, even if it waits for a decision')
  act(command, 'forget', 'leave it at the provider')
  return command
}

function act(command: Command, name: string, description: string): void {
  command
    .command(`${name} <id>`)
    .description(description)
    .requiredOption('--reason <text>', 'why, for the audit log')
    .action(async (id: string, body: { reason: string }) => {
      console.log(
        table(
          orphanRows([
            await callManagement<OrphanView>(
              'POST',
              `orphans/${encodeURIComponent(id)}/${name}`,
              body,
            ),
          ]),
        ),
      )
    })
}

async function list({ json, ...filters }: Filters): Promise<void> {
  const page = await callManagement<Page<OrphanView>>('GET', `orphans${queryOf({ ...filters })}`)
  if (json === true) return console.log(JSON.stringify(page, null, 2))
  console.log(
    page.items.length === 0 ? 'No orphans.' : table(orphanRows(page.items)) + moreHint(page.next),
  )
}

/** The table of orphans, its heads first. */
export function orphanRows(orphans: readonly OrphanView[]): string[][] {
  return [
    [
      'ID',
      'STATE',
      'CAUSE',
      'PROVIDER',
      'UPSTREAM INSTANCE',
      'UPSTREAM BINDING',
      'RETRIES',
      'NEXT RETRY',
      'ANSWER',
    ],
    ...orphans.map((orphan) => [
      orphan.id,
      orphan.state,
      orphan.cause,
      orphan.provider.name,
      orphan.upstream.instanceId,
      orphan.upstream.bindingId ?? '',
      String(orphan.retries),
      orphan.nextRetryAt ?? (orphan.state === 'open' ? 'after a decision' : ''),
      orphan.answer ?? '',
    ]),
  ]
}
