#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander'
import type { RotateOptions } from './cli/rotate-keys.ts'
import { explain } from './cli/explain.ts'
import { toCurrentSpelling } from './cli/former-spellings.ts'

// A command loads its modules when it is called: a simulator needs no database driver, a server no
// YAML.
const program = new Command('kontor')
  .description('One Open Service Broker for many data centres')
  .showHelpAfterError()

program
  .command('serve')
  .description(
    'serve and work on your own Postgres (needs DATABASE_URL, KONTOR_KEYS, and ' +
      'KONTOR_ADMIN_TOKEN or KONTOR_OIDC_FILE)',
  )
  .option('--no-worker', 'serve HTTP only; other processes do the background work')
  .option('--no-http', 'do the background work only; other processes serve HTTP')
  .option('--migrate', 'bring the database to the newest schema first, as its owner')
  .addHelpText(
    'after',
    `
The start warns, with the field "unsafe" in the log, when Kontor listens beyond this machine
without TLS (listens-without-tls), when KONTOR_PROVIDER_NETWORKS holds all addresses
(networks-all), when mail may cross a network in clear (mail-without-tls), when other users may
read the TLS key, the OIDC file or the password of the mail server (file-readable) or own one
(file-of-another-user), when the database role owns the tables (database-owner), when rows of the
database are not sealed (rows-unsealed), and of a variable KONTOR_... that it does not read
(variable-unknown). It fails when the mode of the OIDC file or a TLS file lets other users change
it, or when they may read the key ring.`,
  )
  .action(async (options: { worker: boolean; http: boolean; migrate?: true }) =>
    (await import('./cli/serve.ts')).serve(options),
  )

program
  .command('demo')
  .description('start everything on this machine: Postgres, nine simulated data centres, Kontor')
  .action(async () => (await import('./cli/demo.ts')).demo())

program
  .command('migrate')
  .description('bring the database at DATABASE_URL to the newest schema, as its owner')
  .option('--serving-role <name>', 'the database role that `kontor serve` uses: gets its rights')
  .action(async (options: { servingRole?: string }) =>
    (await import('./cli/migrate.ts')).migrate(options),
  )

const key = program
  .command('key')
  .description('the keys that seal secrets (needs DATABASE_URL and the key ring)')
key
  .command('status')
  .description('list what is left under which key, and which process holds which keys')
  .action(async () => (await import('./cli/key.ts')).keyStatus())
key
  .command('rotate')
  .description('seal every secret with the first key of the ring, while orders go on')
  .option('--dry-run', 'only count the values to seal anew')
  .option(
    '--all',
    'after a leak: seal values again instead of their data keys, and change the digest key',
  )
  .option(
    '--accept-damaged-log',
    'with --all: end the rotation though the audit log is not as Kontor wrote it',
  )
  .option(
    '--wait <seconds>',
    'how long to wait for a transaction that does not end (default: 60)',
    readSeconds,
  )
  .action(async (options: RotateOptions) =>
    (await import('./cli/rotate-keys.ts')).keyRotate(options),
  )
key
  .command('forget <id>')
  .description('give up a lost key: what it sealed stays closed for ever')
  .requiredOption('--reason <text>', 'why, for the audit log')
  .action(async (id: string, options: { reason: string }) =>
    (await import('./cli/key.ts')).keyForget(id, options),
  )

key
  .command('seal-rows')
  .description('after an upgrade: give the rows that decide who is let in their MACs')
  .action(async () => (await import('./cli/seal-rows.ts')).keySealRows())
key
  .command('reseal <table>')
  .description('accept a table that was changed past Kontor, after you have looked at it')
  .requiredOption('--digest <hex>', 'of the rows that you have looked at (kontor key status)')
  .requiredOption('--reason <text>', 'why, for the audit log')
  .action(async (table: string, options: { reason: string; digest: string }) =>
    (await import('./cli/seal-rows.ts')).keyReseal(table, options),
  )

// Each with modules of its own, in the order of the help.
const nouns: Readonly<Record<string, () => Promise<Command>>> = {
  simulate: async () => (await import('./cli/simulate.ts')).simulateCommand(),
  catalog: async () => (await import('./cli/catalog.ts')).catalogCommand(),
  organisation: async () => (await import('./cli/organisation.ts')).organisationCommand(),
  platform: async () => (await import('./cli/platform.ts')).platformCommand(),
  person: async () => (await import('./cli/person.ts')).personCommand(),
  membership: async () => (await import('./cli/membership.ts')).membershipCommand(),
  registration: async () => (await import('./cli/registration.ts')).registrationCommand(),
  invitation: async () => (await import('./cli/invitation.ts')).invitationCommand(),
  token: async () => (await import('./cli/token.ts')).tokenCommand(),
  instance: async () => (await import('./cli/instance.ts')).instanceCommand(),
  binding: async () => (await import('./cli/binding.ts')).bindingCommand(),
  order: async () => (await import('./cli/order.ts')).orderCommand(),
  operation: async () => (await import('./cli/operation.ts')).operationCommand(),
  orphan: async () => (await import('./cli/orphan.ts')).orphanCommand(),
  mail: async () => (await import('./cli/mail.ts')).mailCommand(),
  audit: async () => (await import('./cli/audit.ts')).auditCommand(),
}
function readSeconds(text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !(seconds >= 0 && seconds <= 86_400))
    throw new InvalidArgumentError('It must be a number of seconds, 0 to 86400.')
  return seconds
}

const argv = toCurrentSpelling(process.argv)
const word = argv[2] ?? ''
const isKnown = Object.hasOwn(nouns, word) || program.commands.some((one) => one.name() === word)

// Help and the answer to an unknown word name all of them.
for (const [noun, load] of Object.entries(nouns)) {
  if (!isKnown || noun === word) program.addCommand(await load())
}

// Awaited, so that an import of this module ends with the command.
await program.parseAsync(argv).catch((error: unknown) => {
  process.stderr.write(`kontor: ${explain(error)}\n`)
  process.exitCode = 1
})
