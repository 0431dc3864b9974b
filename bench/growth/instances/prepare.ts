// Makes the databases of "growth" that the kept folder does not have yet.
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { request } from 'undici'
import { loadRows } from '../../../test/support/plans/load-rows.ts'
import { platformHeaders, type Base } from '../../base-stage.ts'
import { runKontor, startKontor, type Server } from '../../children.ts'
import type { BenchOptions } from '../../options.ts'
import { registerProvider, untilPublished, type NewProvider } from '../../register.ts'
import { createPlatform } from '../../rival.ts'
import { databasesOf, digestOfLoader, writeSecrets, type Secrets } from './kept.ts'

export interface Size {
  readonly instances: number
  readonly platforms: number
}

export interface Preparing {
  readonly base: Base
  readonly options: BenchOptions
  readonly secrets: Secrets
  /** Of a Kontor on one of the databases. */
  readonly settings: Readonly<Record<string, string>>
  readonly provider: NewProvider
}

type Platform = NonNullable<Secrets['platform']>

/**
 * @returns the names of the databases, in the order of `sizes`, and the platform that all of them
 * have
 */
export async function prepareDatabases(
  preparing: Preparing,
  sizes: readonly Size[],
): Promise<{ readonly names: readonly string[]; readonly platform: Platform }> {
  const { base, options } = preparing
  const databases = databasesOf(base.databaseUrl)
  const prefix = `growth_${await digestOfLoader()}`
  // Those of another loader, and what an interrupted run left.
  for (const name of await databases.list())
    if (!name.startsWith(`${prefix}_`) || /_(?:draft|run\d)$/.test(name)) await databases.drop(name)
  const make = async (name: string, from: string | undefined, fill: Fill): Promise<void> => {
    if (await databases.has(name)) {
      const environment = { ...preparing.settings, DATABASE_URL: databases.urlOf(name) }
      const isMigrated = await runKontor(options.kontor, ['migrate'], environment).then(
        () => true,
        () => false,
      )
      if (isMigrated) return
      // The schema of another branch.
      await databases.drop(name)
    }
    const draft = `${name}_draft`
    await fill(await databases.create(draft, from))
    await databases.rename(draft, name)
  }
  const empty = `${prefix}_empty`
  let { platform } = preparing.secrets
  if (platform === undefined || !(await databases.has(empty))) {
    for (const name of await databases.list()) await databases.drop(name)
    await make(empty, undefined, async (url) => {
      platform = await fillEmpty(preparing, url)
    })
  }
  if (platform === undefined) throw new Error('There is no platform.')
  const names: string[] = []
  for (const size of sizes) {
    const name = `${prefix}_${size.instances}_${size.platforms}`
    await make(name, empty, (url) => fill(preparing, url, size))
    names.push(name)
  }
  return { names, platform }
}

type Fill = (url: string) => Promise<void>

/** One platform and the catalog of one provider. */
async function fillEmpty(preparing: Preparing, url: string): Promise<Platform> {
  const { options, settings, secrets, base, provider } = preparing
  const environment = { ...settings, DATABASE_URL: url }
  const kontor = await start(preparing, url)
  try {
    const platform = await createPlatform(options.kontor, environment)
    await registerProvider(kontor.url, secrets.adminToken, provider)
    await untilPublished(kontor.url, platformHeaders(platform.username, platform.password))
    await writeSecrets(base.folder, { ...secrets, platform })
    return platform
  } finally {
    await kontor.stop()
  }
}

async function fill(
  preparing: Preparing,
  url: string,
  { instances, platforms }: Size,
): Promise<void> {
  const began = performance.now()
  const kontor = await start(preparing, url)
  try {
    for (let number = 2; number <= platforms; number++)
      await createAnother(kontor.url, preparing.secrets.adminToken, `other-${number}`)
  } finally {
    await kontor.stop()
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await loadRows(client, instances)
    // Else it is done in the middle of the first measurement.
    await client.query('vacuum (freeze, analyze)')
    await client.query('checkpoint')
  } finally {
    await client.end()
  }
  const seconds = ((performance.now() - began) / 1_000).toFixed(0)
  console.log(
    `${instances} instances and ${platforms} platforms loaded in ${seconds} s, to be kept`,
  )
}

/** Waits for the management API's limit of requests. */
async function createAnother(url: string, token: string, name: string): Promise<void> {
  for (;;) {
    const { statusCode, body } = await request(`${url}/api/platforms`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, kind: 'kubernetes' }),
    })
    const text = await body.text()
    if (statusCode === 201) return
    if (statusCode !== 429) throw new Error(`The platform was not created: ${text}`)
    await delay(500)
  }
}

function start({ base, options, settings }: Preparing, url: string): Promise<Server> {
  const environment = { ...settings, DATABASE_URL: url }
  return startKontor(options.kontor, environment, join(base.folder, 'filling.log'), [])
}
