// A provider whose catalog attacks Kontor harms no other: Kontor runs with a heap of 512 MB, and
// the platform of another provider polls an operation all the time.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import pg from 'pg'
import t, { type Test } from 'tap'
import { basicAuth } from '../support/basic-auth.ts'
import { catalogOf } from '../support/catalogs.ts'
import { catalogInBytes, hostileCatalogs } from '../support/hostile-catalogs.ts'
import { serveKontor } from '../support/kontor-process.ts'
import { caller, here, until, type Call } from '../support/kontor.ts'
import { createDatabase } from '../support/postgres.ts'
import { accepted, endpointOf, inProgress } from '../support/scripted-provider.ts'
import { answer, inBytes, scriptedUpstream, type Script } from '../support/scripted-upstream.ts'

t.setTimeout(180_000)

const environment = async (t: Test) => ({
  DATABASE_URL: (await createDatabase(t)).url,
  KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  KONTOR_ADMIN_TOKEN: randomBytes(32).toString('hex'),
  KONTOR_PROVIDER_NETWORKS: '127.0.0.0/8',
  KONTOR_REQUEST_RATE: '0',
  // The only figure that pressure may refuse requests for here.
  KONTOR_MAX_DATABASE_WAIT_SECONDS: '0',
  NODE_OPTIONS: '--max-old-space-size=512',
})

interface Service {
  readonly id: string
  readonly plans: ReadonlyArray<{ readonly id: string }>
}

type Environment = Awaited<ReturnType<typeof environment>>

const adminAt = (url: string, { KONTOR_ADMIN_TOKEN: token }: Environment): Call =>
  caller(url, { authorization: `Bearer ${token}` })

async function register(t: Test, admin: Call, name: string, script: Script): Promise<string> {
  const upstream = await scriptedUpstream(t, script)
  const { status, text, body } = await admin('POST', '/api/providers', {
    name,
    backend: 'osb',
    settings: { url: upstream.url },
    credentials: { none: true },
    refreshSeconds: 3600,
  })
  if (status !== 201) throw new Error(text)
  return `/api/providers/${String(body.id)}`
}

async function createPlatform(admin: Call): Promise<{ readonly authorization: string }> {
  const created = await admin('POST', '/api/platforms', { name: 'victim' })
  const issued = await admin('POST', '/api/platforms/victim/credentials', { kind: 'basic' })
  if (created.status !== 201 || issued.status !== 201) throw new Error(issued.text)
  return { authorization: basicAuth(issued.body.username, issued.body.password) }
}

/** Polls an operation again and again until `act` has ended. */
async function pollDuring(poll: Call, path: string, act: () => Promise<unknown>) {
  let isOver = false
  const acting = act().finally(() => {
    isOver = true
  })
  const statuses = new Set<number>()
  let slowestMs = 0
  let polls = 0
  for (; !isOver; polls++) {
    const startedAt = performance.now()
    statuses.add((await poll('GET', path)).status)
    slowestMs = Math.max(slowestMs, performance.now() - startedAt)
  }
  await acting
  return { statuses: [...statuses], slowestMs, polls }
}

t.test('no hostile catalog slows or stops others, and the process survives', async (t) => {
  const variables = await environment(t)
  const { url, child, ended } = await serveKontor(t, variables)
  const admin = adminAt(url, variables)
  const good: Script = (request, response) => {
    const scripts: { [endpoint: string]: Script } = {
      catalog: answer(200, catalogOf('good')),
      provision: accepted(),
      last_operation: inProgress,
    }
    return (scripts[endpointOf(request)] ?? answer(500))(request, response)
  }
  await register(t, admin, 'good', good)
  let catalog = JSON.stringify(catalogOf('evil'))
  let sentInBytes: Buffer | undefined
  let isConditional: boolean | undefined
  const bad: Script = (request, response) => {
    isConditional = request.headers['if-none-match'] !== undefined
    const whole = answer(200, catalog, { etag: '"1"' })
    const script = sentInBytes === undefined ? whole : inBytes(sentInBytes)
    script(request, response)
  }
  const evil = await register(t, admin, 'evil', bad)
  const credentials = await createPlatform(admin)
  const callAt = (base: string): Call =>
    caller(base, { 'x-broker-api-version': '2.17', ...credentials })
  const published = async (base: string, plans: readonly number[]) =>
    until(
      () => callAt(base)('GET', '/v2/catalog'),
      ({ status, body }) =>
        status === 200 &&
        JSON.stringify(plans) ===
          JSON.stringify(body.services.map((service: Service) => service.plans.length)),
    )
  const { body } = await published(url, [2, 1, 2, 1])
  const path = '/v2/service_instances/i'
  const [offered] = body.services as Service[]
  const ordered = await callAt(url)('PUT', `${path}?accepts_incomplete=true`, {
    service_id: offered?.id,
    plan_id: offered?.plans[0]?.id,
    ...here,
  })
  t.equal(ordered.status, 202, ordered.text)
  // Each from a provider of its own: after a large catalog it would have to rest.
  const attack = async (name: string, begin: () => void) => {
    catalog = JSON.stringify(catalogOf('evil'))
    const attacker = await register(t, admin, 'attacker', bad)
    begin()
    const seen = await pollDuring(callAt(url), `${path}/last_operation`, async () => {
      const read = await admin('POST', `${attacker}/refresh`)
      t.match(read, { status: 200, body: { catalog: { offerings: 2, plans: 3 } } }, name)
    })
    t.equal((await admin('DELETE', attacker)).status, 204)
    t.strictSame(seen.statuses, [200], `${name}: every poll has its answer`)
    t.ok(seen.slowestMs < 2_000, `${name}: the slowest of ${seen.polls} took ${seen.slowestMs} ms`)
  }
  for (const [name, hostile] of Object.entries(hostileCatalogs)) {
    await attack(name, () => {
      catalog = hostile()
    })
  }
  await attack('chunks of a byte', () => {
    sentInBytes = catalogInBytes()
  })
  sentInBytes = undefined
  t.equal(child.exitCode, null)

  await t.test('the threads that read give way to all others', async (t) => {
    if (process.platform !== 'linux') return t.pass('threads have no priority of their own')
    const [usual = 0, ...others] = niceValues(child.pid ?? 0)
    t.equal(usual, getPriority(), 'the main thread has the usual priority')
    const lower = others.filter((nice) => nice !== usual)
    t.ok(lower.length === 1 || lower.length === 2, `${others.length} threads: ${others.join(' ')}`)
    t.strictSame(new Set(lower), new Set([usual + 10]))
  })

  await t.test('a process starts and serves what was published without caps', async (t) => {
    catalog = JSON.stringify(catalogOf('evil'))
    await admin('POST', `${evil}/refresh`)
    child.kill('SIGKILL')
    await ended()
    await query(variables.DATABASE_URL, hostileRows)
    const next = await serveKontor(t, variables)
    const nextAdmin = adminAt(next.url, variables)
    await published(next.url, [2, 1, 12_000, 1])
    t.equal((await callAt(next.url)('GET', `${path}/last_operation`)).status, 200)
    t.equal((await nextAdmin('GET', evil)).body.catalog.findings.length, 1_000)
    catalog = hostileCatalogs['an offering of 600 kB with 12,000 plans']()
    t.match(await nextAdmin('POST', `${evil}/refresh`), {
      body: { catalog: { offerings: 2, plans: 3, findings: [{ effect: 'offering_withheld' }] } },
    })
    t.equal(isConditional, false, 'the caps hold for a catalog that is not changed, too')
    await published(next.url, [2, 1, 2, 1])
    t.equal(next.child.exitCode, null)
  })
})

/** Of the threads of a process, the main thread first. */
function niceValues(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`).toSorted((a, b) => Number(a) - Number(b))
  return threads.map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    // Field 19 of proc_pid_stat(5); the name before it may hold anything.
    return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[17])
  })
}

// What 0.2.0 made of an offering of 600 kB with 12,000 plans, and of faulty entries.
const hostileRows = `
  with grown as (
    update offerings set body = json_build_object('description', 'd', 'bindable', false,
      'metadata', json_build_object('longDescription', repeat('x', 600000)))
    where name = 'evil-db' returning id
  ), removed as (
    delete from plan_targets where plan_id in (
      select plans.id from plans join grown on grown.id = plans.offering_id)
  ), added as (
    insert into plans (id, offering_id, upstream_id, name, position, body)
    select gen_random_uuid(), grown.id, 'p' || n, 'p' || n, n, '{"description":"d"}'
    from grown, generate_series(1, 12000) n returning id, upstream_id
  )
  insert into plan_targets (plan_id, provider_id, upstream_service_id, upstream_plan_id)
  select added.id, providers.id, 'evil-db', added.upstream_id from added, providers
  where providers.name = 'evil';
  update catalog_revision set revision = revision + 1;
  update provider_catalogs set reading_rules = null, etag = '"1"', findings = (
    select jsonb_agg(jsonb_build_object('path', '/services/' || n, 'problem', 'p', 'effect', 'note'))
    from generate_series(1, 100000) n)
  where provider_id = (select id from providers where name = 'evil')`

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}
