import type { Command } from 'commander'
import { callManagement, queryOf } from './management-api.ts'
import { moreHint, table } from './print.ts'

/** A kind of thing that the management API lists, shows, suspends, resumes and retires. */
export interface TenantKind<View> {
  /** Of the argument, as in `show <platform>`. */
  readonly noun: string
  /** Of the API, as in `/api/platforms`. */
  readonly path: string
  readonly heads: readonly string[]
  row(item: View): string[]
  fields(item: View): string
  /** Of each act, what it does. */
  readonly acts: Readonly<Record<'suspend' | 'resume' | 'retire', string>>
}

interface Shown {
  json?: true
}
/** Of every kind; each has some of its own. */
interface Filters extends Shown {
  state?: string
  limit?: string
  cursor?: string
}

/** The address of one, by its id or name, below /api. */
export function addressOf({ path }: Pick<TenantKind<never>, 'path'>, called: string): string {
  return `${path}/${encodeURIComponent(called)}`
}

/** @returns the command `list`, for options of this kind */
export function addList<View>(command: Command, kind: TenantKind<View>): Command {
  return command
    .command('list')
    .description(`${kind.path}, newest first; retired ones only if they are asked for`)
    .option('--state <state>', 'active, suspended or retired')
    .option('--limit <number>', 'how many at most')
    .option('--cursor <id>', 'where the page before ended')
    .option('--json', 'the answer as it is')
    .action(async ({ json, ...filters }: Filters) => {
      const page = await callManagement<{ items: View[]; next: string | null }>(
        'GET',
        `${kind.path}${queryOf({ ...filters })}`,
      )
      if (json === true) return console.log(JSON.stringify(page, null, 2))
      if (page.items.length === 0) return console.log('There are none.')
      console.log(
        table([kind.heads, ...page.items.map((item) => kind.row(item))]) + moreHint(page.next),
      )
    })
}

/** Adds `show`, `suspend`, `resume` and `retire`. */
export function addShowAndActs<View>(command: Command, kind: TenantKind<View>): void {
  command
    .command(`show <${kind.noun}>`)
    .description(`one ${kind.noun}, by its name or id`)
    .option('--json', 'the answer as it is')
    .action(async (called: string, { json }: Shown) => {
      const item = await callManagement<View>('GET', addressOf(kind, called))
      console.log(json === true ? JSON.stringify(item, null, 2) : kind.fields(item))
    })
  for (const [name, description] of Object.entries(kind.acts)) {
    command
      .command(`${name} <${kind.noun}>`)
      .description(description)
      .requiredOption('--reason <text>', 'why, for the audit')
      .action(async (called: string, body: { reason: string }) =>
        console.log(
          kind.fields(
            await callManagement<View>('POST', `${addressOf(kind, called)}/${name}`, body),
          ),
        ),
      )
  }
}
