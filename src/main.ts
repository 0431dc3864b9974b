#!/usr/bin/env node
import { Command } from 'commander'
import { explain } from './cli/explain.ts'

// Commands are loaded when they are called: a simulator needs no database driver, a server no YAML.
const program = new Command('kontor')
  .description('One Open Service Broker for many data centres')
  .showHelpAfterError()

program
  .command('serve')
  .description(
    'serve and work on a Postgres of your own (DATABASE_URL, KONTOR_KEYS and KONTOR_ADMIN_TOKEN or KONTOR_OIDC_FILE must be set)',
  )
  .option('--no-worker', 'only serve HTTP; other processes work on the jobs')
  .option('--no-http', 'only work on jobs; other processes serve HTTP')
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

const keys = program
  .command('keys')
  .description('the keys that seal what is secret (needs DATABASE_URL and the key ring alone)')
keys
  .command('status')
  .description('tell what is sealed with which key, and which process has which')
  .action(async () => (await import('./cli/keys.ts')).keysStatus())
keys
  .command('rotate')
  .description('bring all that is sealed under the first key of the ring, while orders go on')
  .option('--dry-run', 'only tell how much there is to do')
  .action(async (options: { dryRun?: true }) => (await import('./cli/keys.ts')).keysRotate(options))
keys
  .command('forget <id>')
  .description('give a lost key up: what is sealed with it stays closed for ever')
  .requiredOption('--reason <text>', 'why; it stands in the audit log')
  .action(async (id: string, options: { reason: string }) =>
    (await import('./cli/keys.ts')).keysForget(id, options),
  )

// Commands with options of their own kind; the others need nothing of them.
if (!['serve', 'demo', 'migrate', 'keys'].includes(process.argv[2] ?? '')) {
  program.addCommand((await import('./cli/simulate.ts')).simulateCommand())
  program.addCommand((await import('./cli/organisation.ts')).organisationCommand())
  program.addCommand((await import('./cli/platform.ts')).platformCommand())
  program.addCommand((await import('./cli/operations.ts')).operationsCommand())
  program.addCommand((await import('./cli/orphans.ts')).orphansCommand())
  program.addCommand((await import('./cli/audit.ts')).auditCommand())
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`kontor: ${explain(error)}\n`)
  process.exitCode = 1
})
