// A change over the management API is in force at the process that answered as soon as the answer
// is there, and at every other process soon after.
import { sql } from 'kysely'
import t from 'tap'
import { basicAuth } from '../support/basic-auth.ts'
import { catalogOf } from '../support/catalogs.ts'
import { here, startKontor, until, type Call, type Reply } from '../support/kontor.ts'

t.setTimeout(120_000)

const kontor = await startKontor(t)
const { admin } = kontor
const second = await kontor.another()
const names = new Map<string, string>()
let orders = 0

interface Change {
  readonly what: string
  make(): Promise<Reply>
  /** Whether the change is in force where `call` goes. */
  isSeen(call: Call): Promise<boolean>
}

const okay = (reply: Reply): Reply => {
  if (reply.status >= 300) throw new Error(`${reply.status} ${reply.text}`)
  return reply
}

/**
 * Without the connection that listens, only the answering request itself can have refreshed the
 * caches.
 */
async function cutListeners(): Promise<void> {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'kontor-listen' and datname = current_database()`.execute(
    kontor.running.runtime.db,
  )
}

const as = (name: string): Record<string, string> => {
  const authorization = names.get(name)
  return authorization === undefined ? {} : { authorization }
}

async function offered(call: Call, platform: string): Promise<string[]> {
  const { body } = await call('GET', '/v2/catalog', undefined, as(platform))
  return (body.services ?? []).map(({ name }: { name: string }) => name)
}

/** How an order of a Cloud Foundry organisation is answered; each is a new one. */
async function order(call: Call, organisation: string): Promise<number> {
  const plan = await kontor.find('nord', 'db', 'small')
  const reply = await call(
    'PUT',
    `/v2/service_instances/seen-${orders++}`,
    { ...plan, ...here, context: { platform: 'cloudfoundry', organization_guid: organisation } },
    as('cf'),
  )
  return reply.status
}

const { view: nord, simulator } = await kontor.addProvider('nord')
const ruleIds: string[] = []
const credentialIds: string[] = []

const changes: readonly Change[] = [
  {
    what: 'a platform and its credential',
    async make() {
      okay(await admin('POST', '/api/platforms', { name: 'cf', kind: 'cloudfoundry' }))
      await cutListeners()
      const issued = okay(await admin('POST', '/api/platforms/cf/credentials', { kind: 'basic' }))
      names.set('cf', basicAuth(issued.body.username, issued.body.password))
      credentialIds.push(issued.body.id as string)
      return issued
    },
    isSeen: async (call) => (await offered(call, 'cf')).length === 2,
  },
  {
    what: 'a suspended platform',
    make: () => admin('POST', '/api/platforms/cf/suspend', { reason: 'r' }),
    isSeen: async (call) => (await order(call, 'x')) === 403,
  },
  {
    what: 'a platform that is active again',
    make: () => admin('POST', '/api/platforms/cf/resume', { reason: 'r' }),
    isSeen: async (call) => (await order(call, 'x')) === 201,
  },
  {
    what: 'an organisation, suspended, that a mapping names',
    async make() {
      okay(
        await admin('POST', '/api/organisations', {
          name: 'amt',
          displayName: 'Amt',
          level: 'land',
        }),
      )
      okay(await admin('POST', '/api/organisations/amt/suspend', { reason: 'r' }))
      await cutListeners()
      return admin('PUT', '/api/platforms/cf/mappings/cf_organization/of-amt', {
        organisation: 'amt',
      })
    },
    isSeen: async (call) => (await order(call, 'of-amt')) === 403,
  },
  {
    what: 'an organisation that is active again',
    make: () => admin('POST', '/api/organisations/amt/resume', { reason: 'r' }),
    isSeen: async (call) => (await order(call, 'of-amt')) === 201,
  },
  {
    what: 'an organisation that is suspended',
    make: () => admin('POST', '/api/organisations/amt/suspend', { reason: 'r' }),
    isSeen: async (call) => (await order(call, 'of-amt')) === 403,
  },
  {
    what: 'a mapping that is removed',
    make: () => admin('DELETE', '/api/platforms/cf/mappings/cf_organization/of-amt'),
    isSeen: async (call) => (await order(call, 'of-amt')) === 201,
  },
  {
    what: 'a rule',
    async make() {
      const made = await admin('POST', '/api/visibility-rules', {
        effect: 'deny',
        who: { platform: 'cf' },
        what: { offering: 'nord-app' },
        reason: 'r',
      })
      ruleIds.push(made.body.id as string)
      return made
    },
    isSeen: async (call) => (await offered(call, 'cf')).join() === 'nord-db',
  },
  {
    what: 'a changed rule',
    make: () => admin('PATCH', `/api/visibility-rules/${ruleIds[0]}`, { effect: 'allow' }),
    isSeen: async (call) =>
      (await offered(call, 'cf')).length === 2 && (await offered(call, 'first')).length === 1,
  },
  {
    what: 'a rule that is removed',
    make: () => admin('DELETE', `/api/visibility-rules/${ruleIds[0]}`),
    isSeen: async (call) => (await offered(call, 'first')).length === 2,
  },
  {
    what: 'a refreshed catalog',
    make() {
      simulator.setCatalog({ services: catalogOf('nord').services.slice(0, 1) })
      return admin('POST', `/api/providers/${nord.id}/refresh`)
    },
    isSeen: async (call) => (await offered(call, 'cf')).join() === 'nord-db',
  },
  {
    what: 'a changed provider',
    make: () => admin('PATCH', `/api/providers/${nord.id}`, { displayName: 'North' }),
    isSeen: async (call) => {
      const { body } = await call('GET', '/v2/catalog')
      return body.services[0].metadata.providerDisplayName === 'North'
    },
  },
  {
    what: 'the address of a provider',
    make: () =>
      admin('PATCH', `/api/providers/${nord.id}`, {
        settings: { url: 'http://127.0.0.1:9' },
        credentials: { none: true },
      }),
    isSeen: async (call) => (await order(call, 'x')) >= 500,
  },
  {
    what: 'a provider that is drained',
    make: () => admin('DELETE', `/api/providers/${nord.id}?drain=true`),
    isSeen: async (call) => (await offered(call, 'cf')).length === 0,
  },
  {
    what: 'a credential that is revoked',
    make: () => admin('DELETE', `/api/platforms/cf/credentials/${credentialIds[0]}`),
    isSeen: async (call) => (await call('GET', '/v2/catalog', undefined, as('cf'))).status === 401,
  },
]

for (const { what, make, isSeen } of changes) {
  await t.test(what, async (t) => {
    await cutListeners()
    okay(await make())
    t.ok(await isSeen(kontor.call), 'by the process that answered, at once')
    await until(() => isSeen(second.call), Boolean, 5_000)
  })
}

t.test('a process hears of changes that it missed while its connection was broken', async (t) => {
  await kontor.addProvider('sued')
  await until(
    () => offered(second.call, 'first'),
    (services) => services.some((name) => name.startsWith('sued')),
    5_000,
  )
  t.pass()
})

t.test("a change of one provider has only that one's row read again", async (t) => {
  const ids = await Promise.all(
    ['west', 'ost'].map(async (name) => (await kontor.addProvider(name)).view.id),
  )
  // A new process: another one may be about to read every row, as each does every 30 s.
  const { runtime } = (await kontor.another()).running
  const labels = () =>
    Promise.all(ids.map(async (id) => (await runtime.backends.open(id)).label.slice(-1)))
  const announce = (payload: string | undefined) =>
    sql`select pg_notify('kontor_providers', ${payload ?? ''})`.execute(runtime.db)
  await until(labels, (each) => each.join() === 't,t', 5_000)
  await sql`update providers set display_name = name || ' 2', revision = revision + 1
    where name in ('west', 'ost')`.execute(runtime.db)
  await announce(ids[0])
  await until(labels, ([west]) => west === '2', 5_000)
  t.strictSame(await labels(), ['2', 't'], 'however many there are')
  await announce('')
  await until(labels, (each) => each.join() === '2,2', 5_000)
  t.pass('a process of 0.2.0 does not say which one')
})
