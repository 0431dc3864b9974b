#!/usr/bin/env node
import { Command } from 'commander'
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
  .action(async (options: { worker: boolean; http: boolean }) =>
    (await import('./cli/serve.ts')).serve(options),
  )

program
  .command('demo')
  .description('start everything on this machine: Postgres, nine simulated data centres, Kontor')
  .action(async () => (await import('./cli/demo.ts')).demo())

program
  .command('migrate')
  .description('bring the database at DATABASE_URL to the newest schema')
  .action(async () => (await import('./cli/migrate.ts')).migrate())

const key = program
  .command('key')
  .description('the keys that seal secrets (needs DATABASE_URL and the key ring)')
key
  .command('status')
  .description('list what each key seals, and which process holds which keys')
  .action(async () => (await import('./cli/key.ts')).keyStatus())
key
  .command('rotate')
  .description('seal every secret with the first key of the ring, while orders go on')
  .option('--dry-run', 'only count the values to seal anew')
  .action(async (options: { dryRun?: true }) => (await import('./cli/key.ts')).keyRotate(options))
key
  .command('forget <id>')
  .description('give up a lost key: what it sealed stays closed for ever')
  .requiredOption('--reason <text>', 'why, for the audit log')
  .action(async (id: string, options: { reason: string }) =>
    (await import('./cli/key.ts')).keyForget(id, options),
  )

const argv = toCurrentSpelling(process.argv)

// The commands above need none of these modules.
if (!['serve', 'demo', 'migrate', 'key'].includes(argv[2] ?? '')) {
  program.addCommand((await import('./cli/simulate.ts')).simulateCommand())
  program.addCommand((await import('./cli/organisation.ts')).organisationCommand())
  program.addCommand((await import('./cli/platform.ts')).platformCommand())
  program.addCommand((await import('./cli/operation.ts')).operationCommand())
  program.addCommand((await import('./cli/orphan.ts')).orphanCommand())
  program.addCommand((await import('./cli/audit.ts')).auditCommand())
}

program.parseAsync(argv).catch((error: unknown) => {
  process.stderr.write(`kontor: ${explain(error)}\n`)
  process.exitCode = 1
})
