import { Command, Option } from 'commander'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { checkExport } from '../audit/reading/check.ts'
import { noteOf, parseNote } from '../audit/chain/note.ts'
import { verifyAudit } from '../audit/chain/verify.ts'
import { readConfig } from '../config.ts'
import { openDatabase } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { readKeys } from '../vault/read-keys.ts'
import { openVault } from '../vault/vault.ts'
import { queryOf, readManagement } from './management-api.ts'

export function auditCommand (): Command {
  const command = new Command('audit').description('the audit log: check that it is whole, take it out')
  command.command('verify')
    .description('look for events that were changed, removed, reordered or brought in, in the database at DATABASE_URL')
    .option('--head <position:hash>', 'a head that was written down elsewhere: it must be part of the chain')
    .action(verify)
  command.command('export')
    .description('events of the Kontor at KONTOR_URL, oldest first, to standard output')
    .addOption(new Option('--format <format>', 'JSON Lines or CSV').choices(['jsonl', 'csv']).default('jsonl'))
    .option('--from <time>', 'from this time on, such as 2026-01-01 or 2026-01-01T12:00:00Z')
    .option('--to <time>', 'before this time')
    .option('--organisation <name>', 'name or id: about this organisation or one below it')
    .option('--object-kind <kind>', 'instance, binding, operation, provider, platform, ...')
    .option('--object-id <id>', 'of an instance or a binding: the platform\'s id')
    .option('--actor <actor>', 'who did it')
    .option('--action <action>', 'what was done')
    .option('--outcome <outcome>', 'what came of it')
    .action(take)
  command.command('check <file>')
    .description('whether an export as JSON Lines is as Kontor linked it; needs no key and no database')
    .option('--head <position:hash>', 'a head that was written down elsewhere')
    .action(check)
  return command
}

/** Exit code 1 when anything is not as it should be. */
async function verify ({ head }: { head?: string }): Promise<void> {
  const noted = head === undefined ? undefined : parseNote(head)
  const config = readConfig(process.env)
  const { databaseUrl } = config
  if (databaseUrl === undefined) throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  // Without the keys nobody can tell whether the chain was made anew.
  const ring = await readKeys(config)
  const db = openDatabase(databaseUrl, { connections: 1, name: 'kontor-audit' })
  try {
    await openVault(db, ring)
    let findings = 0
    const verified = await verifyAudit(db, {
      noted,
      onFinding (sentence) {
        findings += 1
        console.log(sentence)
      }
    })
    const beside = [...(verified.waiting > 0 ? [`${verified.waiting} not linked yet`] : []), ...(verified.unsealed > 0 ? [`${verified.unsealed} of a release that did not seal`] : [])]
    console.log(`${verified.events} events, head ${noteOf(verified.head)}${beside.length > 0 ? ` (${beside.join(', ')})` : ''}`)
    if (findings > 0) throw new BrokerError('conflict', `The audit log is not whole: ${findings} ${findings === 1 ? 'finding' : 'findings'}.`)
  } finally {
    await db.destroy()
  }
}

const mediaTypes = { jsonl: 'application/x-ndjson', csv: 'text/csv' } as const

async function take (options: { format: keyof typeof mediaTypes } & Record<string, string>): Promise<void> {
  const events = await readManagement(`audit/export${queryOf(options)}`, mediaTypes[options.format])
  await pipeline(events, process.stdout).catch((error: unknown) => {
    // Whoever reads has seen enough: `kontor audit export | head`.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return
    throw new BrokerError('unavailable', 'The export broke off: what was written is not whole.', { cause: error })
  })
}

async function check (file: string, { head }: { head?: string }): Promise<void> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
  const checked = await checkExport(lines, { noted: head === undefined ? undefined : parseNote(head), onFinding: (sentence) => { console.log(sentence) } })
  console.log(`${checked.events} events, ${checked.followed} of them checked against the one before`)
  if (checked.findings > 0) throw new BrokerError('conflict', `The export is not as Kontor linked it: ${checked.findings} ${checked.findings === 1 ? 'finding' : 'findings'}.`)
}
