import type { Command } from 'commander'
import { callManagement, queryOf } from './management-api.ts'
import { moreHint, table } from './print.ts'

/** A kind of tenant: the management API lists, shows, suspends, resumes and retires it. */
export interface TenantKind<View> {
  /** The argument's name, as in `show <platform>`. */
  readonly noun: string
  /** Its path below /api, such as `platforms`. */
  readonly path: string
  readonly heads: readonly string[]
  row(item: View): string[]
  fields(item: View): string
  /** What `--help` says of each command. */
  readonly acts: Readonly<Record<'suspend' | 'resume' | 'retire', string>>
}

interface Shown {
  json?: true
}
/** Options of `list` that every kind has. */
interface Filters extends Shown {
  state?: string
  limit?: string
  cursor?: string
}

/** The path of one tenant below /api, by its id or name. */
export function addressOf({ path }: Pick<TenantKind<never>, 'path'>, reference: string): string {
  return `${path}/${encodeURIComponent(reference)}`
}

/** @returns the command `list`, so that a kind can add its own options */
export function addList<View>(command: Command, kind: TenantKind<View>): Command {
  return command
    .command('list')
    .description(`${kind.path}, newest first; retired ones only with --state retired`)
    .option('--state <state>', 'active, suspended or retired')
    .option('--limit <number>', 'page size')
    .option('--cursor <id>', 'end of the page before')
    .option('--json', 'print the answer as JSON')
    .action(async ({ json, ...filters }: Filters) => {
      const page = await callManagement<{ items: View[]; next: string | null }>(
        'GET',
        `${kind.path}${queryOf({ ...filters })}`,
      )
      if (json === true) return console.log(JSON.stringify(page, null, 2))
      if (page.items.length === 0) return console.log(`No ${kind.path}.`)
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
    .option('--json', 'print the answer as JSON')
    .action(async (reference: string, { json }: Shown) => {
      const item = await callManagement<View>('GET', addressOf(kind, reference))
      console.log(json === true ? JSON.stringify(item, null, 2) : kind.fields(item))
    })
  for (const [name, description] of Object.entries(kind.acts)) {
    command
      .command(`${name} <${kind.noun}>`)
      .description(description)
      .requiredOption('--reason <text>', 'why, for the audit log')
      .action(async (reference: string, body: { reason: string }) =>
        console.log(
          kind.fields(
            await callManagement<View>('POST', `${addressOf(kind, reference)}/${name}`, body),
          ),
        ),
      )
  }
}
