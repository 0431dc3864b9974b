import { Command } from 'commander'
import type { Page } from '../cut-page.ts'
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
    .command('retry <id>')
    .description('send it now, if it waits or was given up')
    .action(async (id: string) => {
      const path = `mail/${encodeURIComponent(id)}/retry`
      console.log(table(mailRows([await callManagement<MailView>('POST', path)])))
    })
  return command
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
