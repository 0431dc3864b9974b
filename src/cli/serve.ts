import { readConfig, type Config } from '../config.ts'
import { BrokerError } from '../errors.ts'
import { stopSignal } from './stop-signal.ts'

// How long a start that is under way, and closing, may take after the drain.
const maxCloseMs = 10_000

/** The production start: no embedded database, no demo, no default password. */
export async function serve(options: {
  worker: boolean
  http: boolean
  migrate?: true
}): Promise<void> {
  if (!options.worker && !options.http)
    throw new BrokerError(
      'configuration',
      '--no-worker and --no-http together leave nothing to do.',
    )
  const config = readConfig(process.env)
  await assertComplete(config, options.http)
  // Loaded now, so that a mistake in the settings is named at once.
  const [{ createLog }, { run }, { findUnsafeSettings, logUnsafe }] = await Promise.all([
    import('../log.ts'),
    import('./run.ts'),
    import('../unsafe-settings.ts'),
  ])
  const log = createLog(config.logLevel)
  // Asked for before "kontor is ready": a service manager may stop Kontor in the instant after it.
  const signalled = stopSignal()
  void signalled.then(() => {
    // Other processes take over what is still open then, such as after a database that hangs.
    setTimeout(() => {
      log.error('the stop took too long and is cut short')
      process.exit(1)
    }, config.drainMs + maxCloseMs)
  })
  for (const each of findUnsafeSettings(config, process.env, options.http)) logUnsafe(log, each)
  const running = await run(config, log, options)
  log.info({ url: running.url, worker: options.worker }, 'kontor is ready')
  // What started this process may wait for that line.
  log.flush()
  await signalled
  await running.stop()
  process.exit(0)
}

async function assertComplete(config: Config, http: boolean): Promise<void> {
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
    ...(http && !(await mayOperate(config))
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

async function mayOperate({ adminToken, oidcFile }: Config): Promise<boolean> {
  if (adminToken !== undefined) return true
  if (oidcFile === undefined) return false
  const { makesOperators, readTrustedIssuers } = await import('../oidc/issuers.ts')
  return readTrustedIssuers(oidcFile).some(makesOperators)
}
