import { Command } from 'commander'
import type { OrphanPage, OrphanView } from '../types.gen.ts'
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

/** What an operator decides about what orders may have left at providers, over the management API. */
export function orphansCommand(): Command {
  const command = new Command('orphans').description(
    'what orders may have left at providers, at KONTOR_URL',
  )
  command
    .command('list')
    .description('of all platforms, newest first')
    .option('--state <state>', 'open, removed, void or forgotten')
    .option('--cause <cause>', 'doubtful_call, late_call, held or abandoned')
    .option('--provider <name>', 'name or id')
    .option('--limit <number>', 'how many at most')
    .option('--cursor <id>', 'where the page before ended')
    .option('--json', 'the answer as it is')
    .action(list)
  act(command, 'remove', 'have it removed now, also one that waits for a person')
  act(command, 'forget', 'let it stay at the provider')
  return command
}

function act(command: Command, name: string, description: string): void {
  command
    .command(`${name} <id>`)
    .description(description)
    .requiredOption('--reason <text>', 'why, for the audit')
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
  const page = await callManagement<OrphanPage>('GET', `orphans${queryOf({ ...filters })}`)
  if (json === true) return console.log(JSON.stringify(page, null, 2))
  console.log(
    page.items.length === 0
      ? 'There are none.'
      : table(orphanRows(page.items)) + moreHint(page.next),
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
      'INSTANCE THERE',
      'BINDING THERE',
      'TRIES',
      'NEXT TRY',
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
      orphan.nextRetryAt ?? (orphan.state === 'open' ? 'when a person says so' : ''),
      orphan.answer ?? '',
    ]),
  ]
}
