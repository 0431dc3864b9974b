import { Command } from 'commander'
import type { Page } from '../cut-page.ts'
import { BrokerError } from '../errors.ts'
import type { MailView } from '../types.gen.ts'
import { callManagement, queryOf } from './management-api.ts'
import { moreHint, table } from './print.ts'

interface Filters {
  state?: string
  kind?: string
  limit?: string
  cursor?: string
  json?: true
}

/** `kontor mail`: what became of mails to people, for operators. */
export function mailCommand(): Command {
  const command = new Command('mail').description(
    'mails to people: which wait, and why some were not sent, at KONTOR_URL',
  )
  command
    .command('list')
    .description('mails of the last 30 days, newest first')
    .option('--state <state>', 'waiting, sent, dropped or failed')
    .option('--kind <kind>', 'such as order-ready')
    .option('--limit <number>', 'page size')
    .option('--cursor <id>', 'end of the page before')
    .option('--json', 'print the answer as JSON')
    .action(async ({ json, ...filters }: Filters) => {
      const page = await callManagement<Page<MailView>>('GET', `mail${queryOf({ ...filters })}`)
      if (json === true) return console.log(JSON.stringify(page, null, 2))
      if (page.items.length === 0) return console.log('No mails.')
      console.log(table(mailRows(page.items)) + moreHint(page.next))
    })
  command
    .command('retry [id]')
    .description('send it now, if it waits or was given up, and try for three days again')
    .option('--all', 'all that were given up')
    .option('--since <time>', 'of these, only those written since then (ISO 8601)')
    .action(async (id: string | undefined, { all, since }: { all?: true; since?: string }) => {
      if ((id === undefined) !== (all === true) || (since !== undefined && all !== true))
        throw new BrokerError('invalid_request', 'Name either a mail, or --all.')
      if (id === undefined) return retryAll(since)
      console.log(table(mailRows([await retry(id)])))
    })
  return command
}

function retry(id: string): Promise<MailView> {
  return callManagement('POST', `mail/${encodeURIComponent(id)}/retry`)
}

async function retryAll(since: string | undefined): Promise<void> {
  const from = since === undefined ? 0 : Date.parse(since)
  if (Number.isNaN(from)) throw new BrokerError('invalid_request', `${since} is no time.`)
  let count = 0
  let cursor: string | undefined
  do {
    const query = queryOf({ state: 'failed', limit: '100', cursor })
    const { items, next } = await callManagement<Page<MailView>>('GET', `mail${query}`)
    // Of one state, newest first: none of them is on a later page, also if it is given up again.
    const failed = items.filter(({ createdAt }) => Date.parse(createdAt) >= from)
    for (const { id } of failed) await retry(id)
    count += failed.length
    cursor = failed.length < items.length ? undefined : (next ?? undefined)
  } while (cursor !== undefined)
  console.log(`${count} mail${count === 1 ? ' is' : 's are'} sent now.`)
}

function mailRows(mails: readonly MailView[]): string[][] {
  return [
    ['ID', 'KIND', 'STATE', 'PERSON', 'CREATED', 'ATTEMPTS', 'NEXT ATTEMPT', 'REASON'],
    ...mails.map((mail) => [
      mail.id,
      mail.kind,
      mail.state,
      mail.person ?? 'invited',
      mail.createdAt,
      String(mail.attempts),
      mail.nextAttemptAt ?? '',
      mail.reason ?? '',
    ]),
  ]
}
