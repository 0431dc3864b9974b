import { Command, Option } from 'commander'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { checkExport } from '../audit/reading/check.ts'
import { formatHead, parseHead } from '../audit/chain/head-text.ts'
import { BrokerError } from '../errors.ts'
import { printDownload, queryOf } from './management-api.ts'

export function auditCommand(): Command {
  const command = new Command('audit').description('the audit log: verify and export it')
  command
    .command('verify')
    .description(
      'find changed, removed, reordered or forged events in the database at DATABASE_URL',
    )
    .option('--head <position:hash>', 'a head noted elsewhere, which the chain must contain')
    .option(
      '--checkpoints <file>',
      'a file or log with signed checkpoints, - for standard input; may be repeated',
      (file: string, files: readonly string[] | undefined) => [...(files ?? []), file],
    )
    .action(async (options: { head?: string; checkpoints?: readonly string[] }) =>
      (await import('./verify-audit.ts')).verify(options),
    )
  command
    .command('export')
    .description(
      'write the events of KONTOR_URL to standard output, and the end of the export to ' +
        'standard error',
    )
    .addOption(
      new Option('--format <format>', 'JSON Lines or CSV')
        .choices(['jsonl', 'csv'])
        .default('jsonl'),
    )
    .option(
      '--cursor <position:hash>',
      'continue after the end of the export before; excludes filters',
    )
    .addOption(new Option('--after <position:hash>').hideHelp())
    .option('--from <time>', 'from this time, such as 2026-01-01 or 2026-01-01T12:00:00Z')
    .option('--to <time>', 'until this time, at least a minute ago')
    .option('--organisation <name>', 'name or id: of its subtree')
    .option('--object-kind <kind>', 'instance, binding, operation, provider, platform, ...')
    .option('--object-id <id>', "the object's id; of an instance or binding the platform's")
    .option('--actor <actor>', 'the actor, as the audit log names it')
    .option('--action <action>', 'the action, such as provider.created')
    .option('--outcome <outcome>', 'the outcome, such as succeeded')
    .action(exportEvents)
  command
    .command('check <file>')
    .description('check the hash chain of a JSON Lines export; needs no key and no database')
    .option('--head <position:hash>', 'a head noted elsewhere, which the file must contain')
    .option('--after <position:hash>', 'the end of the export before this one')
    .option('--partial', 'the export was filtered, so that events may be missing')
    .action(check)
  return command
}

const mediaTypes = { jsonl: 'application/x-ndjson', csv: 'text/csv' } as const

async function exportEvents({
  after,
  ...options
}: { format: keyof typeof mediaTypes; after?: string } & Record<string, string>): Promise<void> {
  const headers = await printDownload(
    `audit/export${queryOf({ ...(after === undefined ? {} : { cursor: after }), ...options })}`,
    mediaTypes[options.format],
  )
  if (headers !== undefined) console.error(`Complete up to ${headers.get('kontor-audit-end')}`)
}

async function check(
  file: string,
  { head, after, partial }: { head?: string; after?: string; partial?: boolean },
): Promise<void> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
  const note = (text: string | undefined) => (text === undefined ? undefined : parseHead(text))
  const checked = await checkExport(lines, {
    noted: note(head),
    after: note(after),
    isPart: partial,
    onFinding: (sentence) => {
      console.log(sentence)
    },
  })
  const beside = [
    ...(checked.head === undefined ? [] : [`up to ${formatHead(checked.head)}`]),
    ...(checked.unlinked > 0 ? [`${checked.unlinked} not linked yet`] : []),
  ]
  console.log(
    [
      `${checked.events} events, ${checked.followed} of them checked against the one before`,
      ...beside,
    ].join(', '),
  )
  if (checked.findings > 0)
    throw new BrokerError(
      'conflict',
      `The export is not as Kontor linked it: ${checked.findings} ` +
        `${checked.findings === 1 ? 'finding' : 'findings'}.`,
    )
}
