import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { readConfig, type Config } from '../config.ts'
import { startPostgres } from '../../tools/embedded-postgres/start.ts'
import { lockFolder } from '../../tools/embedded-postgres/lock.ts'
import { createLog } from '../log.ts'
import { givenDatabase, ringOf, writeAccess } from './demo-access.ts'
import { startDemoSignIn } from './demo-sign-in.ts'
import { startDataCentres } from './demo-data-centres.ts'
import { registerDemo } from './demo-register.ts'
import { readSecrets, writePrivate, writeSecrets } from './demo-secrets.ts'
import { welcome } from './demo-welcome.ts'
import { explain } from './explain.ts'
import { run } from './run.ts'
import { stopSignal } from './stop-signal.ts'

// By default Postgres looks once a minute for tables that have grown. Until then it plans queries
// on a new one as if it held a row or two.
const demoPostgres = { autovacuum_naptime: '10s' }

/** `npm start`: everything on this machine, to try Kontor. Its data stay in KONTOR_DATA. */
export async function demo(): Promise<void> {
  const config = readConfig({ LOG_LEVEL: 'warn', ...process.env })
  // Before the start: a signal in the middle of it must not leave a database and nine data centres
  // behind.
  const signalled = stopSignal()
  const closers: Array<() => Promise<void>> = []
  const stop = async () => {
    for (const close of closers.splice(0))
      await close().catch((error: unknown) => {
        console.error(`kontor: ${explain(error)}`)
      })
  }
  try {
    await assertFree(config)
    await start(config, closers)
  } catch (error) {
    await stop()
    throw error
  }
  await signalled
  await stop()
  process.exit(0)
}

async function start(config: Config, closers: Array<() => Promise<void>>): Promise<void> {
  const folder = resolve(config.dataFolder)
  await mkdir(folder, { recursive: true })
  // Before any file is touched: keys and journals belong to the one process that runs.
  closers.unshift(await lockFolder(folder, 'kontor-demo'))
  const log = createLog(config.logLevel)
  const secrets = await readSecrets(folder)
  // Before anything is sealed with them: a killed start must not leave data without its keys.
  await writeSecrets(folder, secrets)

  const given = await givenDatabase(folder, config)
  const ring = await ringOf(folder, config, secrets.keys)
  const [postgres, dataCentres] = await startBoth(
    given,
    folder,
    secrets.simulatorPassword,
    secrets.ports,
    closers,
  )
  const signIn = await startDemoSignIn(folder, config, secrets.issuerPort)
  if (signIn !== undefined) closers.unshift(() => signIn.stop())
  const databaseUrl = given ?? postgres?.url ?? ''
  const adminToken = config.adminToken ?? secrets.adminToken
  const running = await run(
    {
      ...config,
      // The simulated data centres listen on this machine only.
      providerNetworks: [...config.providerNetworks, '127.0.0.0/8', '::1'],
      databaseUrl,
      ...ring,
      adminToken,
      oidcFile: signIn?.oidcFile ?? config.oidcFile,
    },
    log,
    { worker: true, http: true, migrate: true },
  )
  closers.unshift(() => running.stop())
  const url = running.url ?? ''
  signIn?.setKontor(url)

  const platforms = await registerDemo(
    running.runtime,
    dataCentres,
    { username: 'kontor', password: secrets.simulatorPassword },
    secrets.platforms,
  )
  const ports = Object.fromEntries(dataCentres.map(({ name, port }) => [name, port]))
  const issuerPort = signIn === undefined ? {} : { issuerPort: signIn.port }
  await writeSecrets(folder, { ...secrets, platforms, ports, ...issuerPort })
  const demoFile = join(folder, 'demo.json')
  await writePrivate(demoFile, {
    url,
    platforms: Object.entries(platforms).map(([name, credentials]) => ({ name, ...credentials })),
    admin: { token: adminToken },
    providers: dataCentres.map(({ name, displayName, url: providerUrl, pid }) => ({
      name,
      displayName,
      url: providerUrl,
      pid,
    })),
    people: signIn?.people ?? [],
  })
  const envFile = await writeAccess(folder, {
    url,
    adminToken,
    databaseUrl,
    platform: Object.values(platforms)[0],
    ring,
  })
  console.log(
    welcome({
      url,
      platforms,
      demoFile,
      envFile,
      dataCentres,
      hasSignIn: signIn !== undefined,
      catalog: running.runtime.catalog.current(),
    }),
  )
}

async function startBoth(
  databaseUrl: string | undefined,
  folder: string,
  password: string,
  ports: Record<string, number>,
  closers: Array<() => Promise<void>>,
) {
  const onExit = (name: string) => {
    console.log(
      `The simulated data centre ${name} has ended. Its offerings stay in the catalog. Restart ` +
        'the demo to bring it back.',
    )
  }
  const starting = await Promise.allSettled([
    databaseUrl === undefined
      ? startPostgres({ folder: join(folder, 'postgres'), settings: demoPostgres })
      : undefined,
    startDataCentres({
      folder: join(folder, 'data-centres'),
      username: 'kontor',
      password,
      ports,
      onExit,
    }),
  ])
  const [postgres, dataCentres] = starting
  if (postgres.status === 'fulfilled' && postgres.value !== undefined)
    closers.unshift(() => postgres.value?.stop() ?? Promise.resolve())
  if (dataCentres.status === 'fulfilled') closers.unshift(() => dataCentres.value.stop())
  if (postgres.status === 'rejected') throw postgres.reason
  if (dataCentres.status === 'rejected') throw dataCentres.reason
  return [postgres.value, dataCentres.value.all] as const
}

// Checked first: the most likely mistake should cost no time and leave nothing behind.
async function assertFree({ host, port }: Config): Promise<void> {
  await new Promise<void>((done, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(port, host, () => {
      probe.close(() => done())
    })
  })
}
