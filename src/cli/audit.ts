import { Command } from 'commander'
import { noteOf, parseNote } from '../audit/chain/note.ts'
import { verifyAudit } from '../audit/chain/verify.ts'
import { readConfig } from '../config.ts'
import { openDatabase } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { parseKeyRing } from '../vault/keyring.ts'
import { openVault } from '../vault/vault.ts'

export function auditCommand (): Command {
  const command = new Command('audit').description('the audit log: check that it is whole, take it out')
  command.command('verify')
    .description('look for events that were changed, removed, reordered or brought in, in the database at DATABASE_URL')
    .option('--head <position:hash>', 'a head that was written down elsewhere: it must be part of the chain')
    .action(verify)
  return command
}

/** Exit code 1 when anything is not as it should be. */
async function verify ({ head }: { head?: string }): Promise<void> {
  const noted = head === undefined ? undefined : parseNote(head)
  const { databaseUrl, keys } = readConfig(process.env)
  if (databaseUrl === undefined) throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  if (keys === undefined) throw new BrokerError('configuration', 'KONTOR_KEYS is not set: without the keys nobody can tell whether the chain was made anew.')
  const db = openDatabase(databaseUrl, { connections: 1, name: 'kontor-audit' })
  try {
    await openVault(db, parseKeyRing(keys))
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
