import { readConfig, type Config } from '../config.ts'
import { BrokerError } from '../errors.ts'
import { createLog } from '../log.ts'
import { makesOperators, readTrustedIssuers } from '../oidc/issuers.ts'
import { run } from './run.ts'
import { untilStopped } from './until-stopped.ts'

// How long closing may take after the drain.
const maxCloseMs = 10_000

/** The production start: no embedded database, no demo, no default password. */
export async function serve(options: { worker: boolean; http: boolean }): Promise<void> {
  if (!options.worker && !options.http)
    throw new BrokerError(
      'configuration',
      '--no-worker and --no-http together leave nothing to do.',
    )
  const config = readConfig(process.env)
  assertComplete(config, options.http)
  const log = createLog(config.logLevel)
  const running = await run(config, log, options)
  log.info({ url: running.url, worker: options.worker }, 'kontor is ready')
  await untilStopped(async () => {
    // Other processes take over what is still open then, such as after a database that hangs.
    setTimeout(() => {
      log.error('the stop took too long and is cut short')
      process.exit(1)
    }, config.drainMs + maxCloseMs)
    await running.stop()
  })
  process.exit(0)
}

function assertComplete(config: Config, http: boolean): void {
  const missing = [
    ...(config.databaseUrl === undefined
      ? ['DATABASE_URL (postgres://user:password@host/database)']
      : []),
    ...(config.keys === undefined && config.keysFile === undefined
      ? [
          'KONTOR_KEYS or KONTOR_KEYS_FILE (k1:<32 bytes in base64>, made with: openssl rand ' +
            '-base64 32)',
        ]
      : []),
    ...(http && !mayOperate(config)
      ? [
          `KONTOR_ADMIN_TOKEN (made with: openssl rand -hex 32)` +
            (config.oidcFile === undefined
              ? ''
              : ' or, in KONTOR_OIDC_FILE, an issuer whose tokens carry the role operator'),
        ]
      : []),
  ]
  if (missing.length > 0)
    throw new BrokerError('configuration', `kontor serve needs ${missing.join(' and ')}.`)
}

function mayOperate({ adminToken, oidcFile }: Config): boolean {
  return adminToken !== undefined || readTrustedIssuers(oidcFile).some(makesOperators)
}
