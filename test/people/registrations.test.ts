// How people and agencies come in: requests and their decisions.
import pg from 'pg'
import t from 'tap'
import { organisation } from '../access/tenants.ts'
import { startIssuer } from '../support/issuer.ts'
import { caller, startKontor, type Call } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { writeOidcFile } from '../support/oidc-file.ts'

const issuer = await startIssuer(t, {
  erika: { name: 'Erika Mustermann', email: 'erika@stadt.example', email_verified: true },
  max: {},
  operator: { roles: 'k-operator' },
})
const kontor = await startKontor(t, {
  worker: false,
  environment: {
    KONTOR_OIDC_FILE: await writeOidcFile(t, {
      issuer: issuer.url,
      alias: 'test',
      audience: 'kontor',
      rolesClaim: 'roles',
      roles: { 'k-operator': 'operator' },
    }),
  },
})
const { admin } = kontor
const { refresh } = kontor.running.runtime
const sql = new pg.Client({ connectionString: kontor.databaseUrl })
await sql.connect()
t.teardown(() => sql.end())
await organisation(kontor, 'land', 'land')
const as = async (machine: string): Promise<Call> =>
  caller(kontor.url, { authorization: `Bearer ${await issuer.tokenOf(machine)}` })
const [erika, max, operator] = [await as('erika'), await as('max'), await as('operator')]

const contact = { name: 'IT-Amt', email: 'it@stadt.example' }
const agency = { name: 'stadt', displayName: 'Stadt', level: 'kommune', contact, parent: 'land' }
const register = (call: Call, body: object) => call('POST', '/api/registrations', body)
const rolesOf = async (call: Call): Promise<string[]> =>
  (await call('GET', '/api/people/me')).body.roles.map(
    ({ organisation: { name }, role }: { organisation: { name: string }; role: string }) =>
      `${role} of ${name}`,
  )

t.test('an agency registers, an operator accepts, and the person administers it', async (t) => {
  const wrong = await register(erika, { agency: { ...agency, leitwegId: '04000000-132X03-26' } })
  t.match(wrong, { status: 400, body: { detail: /Leitweg/ } })
  t.match(await register(admin, { agency }), { status: 403 }, 'the admin token is no person')
  t.match(await register(erika, { agency, join: {} }), { status: 400 }, 'one thing at a time')
  const asked = await register(erika, { agency })
  t.match(asked, {
    status: 201,
    body: { state: 'pending', agency, person: { name: 'Erika Mustermann' }, organisation: null },
  })
  const at = `/api/registrations/${asked.body.id}`
  t.match(await max('GET', at), { status: 404 }, 'a foreign one')
  t.match(await erika('POST', `${at}/accept`, {}), { status: 403 })
  t.match(await operator('POST', `${at}/accept`, { parent: 'none' }), { status: 400 })
  t.strictSame(await rolesOf(erika), [], 'what failed has given nothing')
  t.match(await operator('POST', `${at}/accept`, { name: 'musterstadt' }), {
    status: 200,
    body: { state: 'accepted', organisation: { name: 'musterstadt' } },
  })
  t.strictSame(await rolesOf(erika), ['administrator of musterstadt'])
  t.match(await erika('GET', '/api/organisations/musterstadt'), {
    status: 200,
    body: { displayName: 'Stadt', parent: null },
  })
  t.match((await admin('GET', '/api/organisations/musterstadt')).body, { parent: { name: 'land' } })
  t.match(await operator('POST', `${at}/refuse`, { reason: 'late' }), { status: 409 })
})

t.test('a person asks to join, and the administrator of that organisation decides', async (t) => {
  const join = { organisation: 'musterstadt', role: 'orderer', message: 'I am new.' }
  const asked = await register(max, { join })
  const unknown = await register(max, { join: { ...join, organisation: 'none' } })
  const { id, createdAt } = asked.body
  t.strictSame(
    { ...unknown.body, id, createdAt, join },
    asked.body,
    'an unknown one looks the same',
  )
  const listed = (await erika('GET', '/api/registrations?state=pending')).body.items
  t.strictSame(
    listed.map(({ id }: { id: string }) => id),
    [asked.body.id],
    'an administrator sees those of its organisation',
  )
  const at = `/api/registrations/${asked.body.id}`
  t.match(await max('POST', `${at}/accept`, {}), { status: 403 })
  t.match(await erika('POST', `${at}/accept`, { role: 'viewer' }), {
    status: 200,
    body: { state: 'accepted', organisation: { name: 'musterstadt' } },
  })
  t.strictSame(await rolesOf(max), ['viewer of musterstadt'])
  const other = `/api/registrations/${unknown.body.id}`
  t.match(await erika('POST', `${other}/refuse`, { reason: 'no' }), { status: 404 })
  t.match(await operator('POST', `${other}/refuse`, { reason: 'There is none.' }), {
    status: 200,
    body: { state: 'refused', reason: 'There is none.' },
  })
  t.match((await max('GET', other)).body, { state: 'refused', reason: 'There is none.' })
})

t.test("one may withdraw, has five at most, and decides nothing of one's own", async (t) => {
  const ids: string[] = []
  for (let number = 0; number < 5; number++) {
    const { body } = await register(operator, { agency: { ...agency, name: `stadt-${number}` } })
    ids.push(body.id)
  }
  t.match(await register(operator, { agency }), { status: 409 })
  t.match(await operator('POST', `/api/registrations/${ids[0]}/accept`, {}), { status: 403 })
  t.match(await max('POST', `/api/registrations/${ids[0]}/withdraw`), { status: 404 })
  for (const id of ids)
    t.match(await operator('POST', `/api/registrations/${id}/withdraw`), {
      status: 200,
      body: { state: 'withdrawn' },
    })
  t.match(await operator('POST', `/api/registrations/${ids[0]}/withdraw`), { status: 409 })
  const { rows } = await sql.query(
    `select action, count(*)::int as times from audit_events where object_kind = 'registration'
     group by 1 order by 1`,
  )
  t.strictSame(rows, [
    { action: 'registration.accepted', times: 2 },
    { action: 'registration.refused', times: 1 },
    { action: 'registration.requested', times: 8 },
    { action: 'registration.withdrawn', times: 5 },
  ])
})

t.test('a registration that SQL turns to another person is not accepted', async (t) => {
  const asked = await register(max, { agency: { ...agency, name: 'dorf' } })
  const { id } = (await erika('GET', '/api/people/me')).body
  const { rows } = await sql.query(
    'update registrations set person_id = $1 where id = $2 returning id',
    [id, asked.body.id],
  )
  t.equal(rows.length, 1)
  await refresh()
  const at = `/api/registrations/${asked.body.id}`
  t.match(await operator('POST', `${at}/accept`, {}), {
    status: 409,
    body: { detail: /registrations was changed past Kontor/ },
  })
  t.equal(
    (await admin('GET', '/api/integrity')).body.tables.find(
      ({ table }: { table: string }) => table === 'registrations',
    ).isRight,
    false,
  )
  t.match(await admin('GET', '/api/organisations/dorf'), { status: 404 })
})

t.test('the commands do the same', async (t) => {
  const kontorCli = async (machine: string, ...args: string[]) =>
    runKontor(args, { KONTOR_URL: kontor.url, KONTOR_TOKEN: await issuer.tokenOf(machine) })
  t.match(await kontorCli('erika', 'person', 'show'), {
    code: 0,
    stdout: /roles: +administrator of musterstadt/,
  })
  t.match(await kontorCli('erika', 'person', 'language', 'en'), { stdout: /language: +en\n/ })
  const asked = await kontorCli(
    'max',
    'registration',
    ...'agency weiler --display-name Weiler --level kommune --contact-name Amt'.split(' '),
    '--contact-email',
    'amt@weiler.example',
  )
  t.match(asked, { code: 0, stdout: /what: +agency weiler \(Weiler\)\n/ })
  const [, id = ''] = /^id: +(\S+)/m.exec(asked.stdout) ?? []
  t.match(await kontorCli('operator', 'registration', 'list', '--state', 'pending'), {
    stdout: /agency weiler \(Weiler\)/,
  })
  t.match(await kontorCli('operator', 'registration', 'accept', id, '--parent', 'land'), {
    code: 0,
    stdout: /state: +accepted\norganisation: +weiler\n/,
  })
  const joined = await kontorCli('erika', 'registration', 'join', 'weiler', 'viewer')
  const [, join = ''] = /^id: +(\S+)/m.exec(joined.stdout) ?? []
  t.match(await kontorCli('max', 'registration', 'refuse', join, '--reason', 'No.'), {
    stdout: /reason: +No\./,
  })
  t.match(await kontorCli('max', 'membership', 'list', '--organisation', 'weiler'), {
    stdout: /weiler +administrator/,
  })
})
