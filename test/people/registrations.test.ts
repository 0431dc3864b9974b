// How people and agencies come in: requests and their decisions.
import pg from 'pg'
import t from 'tap'
import { newId } from '../../src/ids.ts'
import { makeTokenText, tokenIdOf } from '../../src/people/tokens/text.ts'
import { startWorker } from '../../src/worker.ts'
import { organisation } from '../access/tenants.ts'
import { acceptRows } from '../support/accept-rows.ts'
import { startIssuer } from '../support/issuer.ts'
import { caller, startKontor, until, type Call } from '../support/kontor.ts'
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
      roles: { 'k-operator': 'operator', 'k-agency': 'agency' },
      organisationsClaim: 'organisations',
      client: { id: 'kontor-console' },
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
  const asked = await Promise.all(
    Array.from({ length: 12 }, (_, number) =>
      register(operator, { agency: { ...agency, name: `stadt-${number}` } }),
    ),
  )
  const ids = asked.filter(({ status }) => status === 201).map(({ body }) => body.id as string)
  t.equal(ids.length, 5, 'of those that come at once, too')
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

const withToken = (token: string): Call => caller(kontor.url, { authorization: `Bearer ${token}` })
const issue = (call: Call, body: object) =>
  call('POST', '/api/tokens', { name: 'test', access: 'full', expiresInDays: 1, ...body })

t.test('a personal token has the roles of its person, or the part that it was given', async (t) => {
  const whole = await issue(max, {})
  t.match(whole, { status: 201, body: { token: /^kontor_pat_[\w-]{65}$/, lastUsedAt: null } })
  const call = withToken(whole.body.token)
  t.strictSame((await rolesOf(call)).toSorted(), [
    'administrator of weiler',
    'viewer of musterstadt',
  ])
  t.match(await call('GET', '/api/memberships?organisation=weiler'), { status: 200 })
  t.match(await issue(call, {}), { status: 403 }, 'a token issues none')
  const { rows } = await sql.query(`select digest from api_tokens where id = $1`, [whole.body.id])
  t.notOk(rows[0].digest.toString().includes(whole.body.token), 'Kontor keeps a digest')

  const part = withToken(
    (await issue(max, { organisations: ['weiler'], roles: ['viewer'] })).body.token,
  )
  t.strictSame(await rolesOf(part), ['viewer of weiler'])
  t.match((await part('GET', '/api/organisations')).body.items, [{ name: 'weiler' }])
  t.match(await part('GET', '/api/memberships'), { status: 403 })
  const reads = withToken((await issue(max, { access: 'read' })).body.token)
  t.match(await reads('GET', '/api/memberships'), { status: 200 })
  t.match(await reads('PATCH', '/api/people/me', { language: 'de' }), { status: 403 })

  const many = await Promise.all(Array.from({ length: 30 }, async () => issue(erika, {})))
  const issued = many.filter(({ status }) => status === 201)
  t.equal(issued.length, 20, 'of those that are issued at once, too')
  for (const { body } of issued) await erika('DELETE', `/api/tokens/${body.id}`)
  for (const [body, detail] of [
    [{ roles: ['approver'] }, /roles: you do not have the role approver/],
    [{ organisations: ['land'] }, /no role by a membership in an organisation "land"/],
    [{ organisations: ['none'] }, /no role by a membership in an organisation "none"/],
    [{ expiresInDays: 366 }, /expiresInDays/],
  ] as const)
    t.match(await issue(max, body), { status: 400, body: { detail } })
  t.match(await issue(operator, {}), { status: 400, body: { detail: /by a membership/ } })
})

t.test('for a retired organisation no request is accepted, and no token issued', async (t) => {
  await organisation(kontor, 'alt', 'kommune')
  const { body } = await register(max, { join: { organisation: 'alt', role: 'viewer' } })
  await admin('POST', '/api/organisations/alt/suspend', { reason: 'test' })
  t.match(await admin('POST', '/api/organisations/alt/retire', { reason: 'test' }), { status: 200 })
  t.match(await operator('POST', `/api/registrations/${body.id}/accept`, {}), {
    status: 409,
    body: { detail: /retired/ },
  })
  await max('POST', `/api/registrations/${body.id}/withdraw`)
  // Claims make this person an administrator of land, and a membership one of weiler.
  issuer.machines.set('max', { roles: 'k-agency', organisations: ['land'] })
  t.match(await issue(await as('max'), { organisations: ['land'] }), {
    status: 400,
    body: { detail: /no role by a membership in an organisation "land"/ },
  })
  issuer.machines.set('max', {})
})

t.test('a token ends by revocation, expiry, and with what its person loses', async (t) => {
  const { id, token } = (await issue(max, { organisations: ['musterstadt'] })).body
  const call = withToken(token)
  t.equal((await call('GET', '/api/organisations')).status, 200)
  const listed = (await erika('GET', '/api/tokens')).body.items
  t.ok(
    listed.some((each: { id: string }) => each.id === id),
    'its administrator sees it',
  )
  t.notOk(
    listed.some(
      ({ organisations }: { organisations: Array<{ name: string }> | null }) =>
        organisations?.some(({ name }) => name === 'weiler') === true,
    ),
    'and none that counts elsewhere only',
  )
  const whole = (await issue(max, {})).body.id as string
  t.match(await erika('DELETE', `/api/tokens/${whole}`), { status: 404 }, 'one for elsewhere, too')
  const both = (await issue(max, { organisations: ['musterstadt', 'weiler'] })).body.id as string
  t.match(await erika('DELETE', `/api/tokens/${both}`), { status: 404 })
  t.notOk(
    listed.some(({ organisations }: { organisations: unknown }) => organisations === null),
    'nor does a list show them',
  )
  for (const token of [whole, both])
    t.match(await max('DELETE', `/api/tokens/${token}`), { status: 204 })
  await kontor.running.runtime.apiTokens.flush()
  const mine = (await max('GET', '/api/tokens')).body.items
  const now = mine.find((each: { id: string }) => each.id === id)
  t.match(now.lastUsedAt, /^\d{4}-/)
  const { body } = await erika('GET', '/api/memberships?role=viewer&organisation=musterstadt')
  const member = body.items[0]
  await erika('DELETE', `/api/memberships/${member.id}`)
  t.equal((await call('GET', '/api/organisations')).status, 403, 'what the person has lost')
  t.match(await erika('DELETE', `/api/tokens/${id}`), { status: 404 }, 'no member any more')
  const again = { person: member.person.id, organisation: 'musterstadt', role: 'viewer' }
  await admin('POST', '/api/memberships', again)
  t.equal((await call('GET', '/api/organisations')).status, 200)
  t.match(await erika('DELETE', `/api/tokens/${id}`), { status: 204 }, 'its administrator')
  t.match(await call('GET', '/api/organisations'), { status: 401 })
  t.match(await withToken(`${token.slice(0, -1)}A`)('GET', '/api/tokens'), { status: 401 })

  const other = (await issue(max, {})).body
  await sql.query('update api_tokens set expires_at = 1 where id = $1', [other.id])
  await acceptRows(kontor.running.runtime.db, 'api_tokens')
  await refresh()
  t.match(await withToken(other.token)('GET', '/api/people/me'), { status: 401 }, 'expired')
  t.match((await admin('GET', '/api/tokens')).body.items[0], { id: other.id })
  t.match(await admin('DELETE', `/api/tokens/${other.id}`), { status: 204 })
})

t.test('a token that SQL writes, widens or brings back lets no one in', async (t) => {
  const status = async (token: string) => {
    await refresh()
    return (await withToken(token)('GET', '/api/memberships')).status
  }
  const { id, token } = (await issue(max, { roles: ['viewer'] })).body
  t.equal(await status(token), 403)
  await sql.query('update api_tokens set roles = null where id = $1', [id])
  t.equal(await status(token), 401, 'more roles')
  await sql.query(`update api_tokens set roles = '{viewer}' where id = $1`, [id])
  t.equal(await status(token), 403)
  const forged = makeTokenText(newId(new Date()))
  const { id: own } = (await erika('GET', '/api/people/me')).body
  const { vault } = kontor.running.runtime
  await sql.query(
    `insert into api_tokens (id, person_id, name, digest, access, expires_at, created_at)
     values ($1, $2, 'forged', $3, 'full', 9999999999, now())`,
    [tokenIdOf(forged), own, vault.digest(forged)],
  )
  t.equal(await status(forged), 401, 'one that SQL writes')
  t.equal(
    (await admin('GET', '/api/integrity')).body.tables.find(
      ({ table }: { table: string }) => table === 'api_tokens',
    ).isRight,
    false,
  )
  await sql.query('delete from api_tokens where id = $1', [tokenIdOf(forged)])
  await sql.query('create temporary table kept_token as select * from api_tokens where id = $1', [
    id,
  ])
  t.match(await max('DELETE', `/api/tokens/${id}`), { status: 204 })
  await sql.query('insert into api_tokens select * from kept_token')
  t.equal(await status(token), 401, 'one that was revoked')
  await sql.query('delete from api_tokens where id = $1', [id])
  await refresh()
})

t.test('an invitation gives its role to the person that it names, and to no other', async (t) => {
  const invite = (call: Call, body: object) =>
    call('POST', '/api/invitations', { organisation: 'weiler', expiresInDays: 7, ...body })
  const accept = (call: Call) => call('POST', '/api/invitations/accept')
  const subject = { issuer: issuer.url, subject: 'erika' }
  t.match(await invite(max, { role: 'orderer' }), { status: 400 }, 'it names no one')
  t.match(await invite(max, { role: 'orderer', email: 'a@b.example', ...subject }), { status: 400 })
  t.match(await invite(erika, { role: 'orderer', ...subject }), { status: 400 }, 'not theirs')
  const bySubject = await invite(max, { role: 'approver', ...subject })
  t.match(bySubject, { status: 201, body: { state: 'open', subject: 'erika', email: null } })
  await invite(max, { role: 'orderer', email: 'Erika@Stadt.example' })
  await invite(max, { role: 'viewer', email: 'max@stadt.example' })
  const revoked = await invite(max, { role: 'budget-officer', ...subject })
  const twice = await invite(max, { role: 'budget-officer', ...subject })
  t.match(twice, { status: 409, body: { detail: 'The same invitation is open already.' } })
  t.match(await erika('DELETE', `/api/invitations/${revoked.body.id}`), { status: 404 })
  t.match(await max('DELETE', `/api/invitations/${revoked.body.id}`), { status: 204 })
  const expired = await invite(max, { role: 'security-officer', ...subject })
  await sql.query('update invitations set expires_at = 1 where id = $1', [expired.body.id])
  await acceptRows(kontor.running.runtime.db, 'invitations')

  issuer.machines.set('max', { email: 'erika@stadt.example', email_verified: false })
  t.match(await accept(await as('max')), { status: 204 })
  t.notOk((await rolesOf(max)).includes('orderer of weiler'), 'an address that is not verified')
  const token = withToken((await issue(erika, {})).body.token)
  t.match(await accept(token), { status: 403 }, 'not with a personal token')
  t.match(await accept(erika), { status: 204 })
  t.strictSame((await rolesOf(erika)).toSorted(), [
    'administrator of musterstadt',
    'approver of weiler',
    'orderer of weiler',
  ])
  const states = (await max('GET', '/api/invitations')).body.items.map(
    ({ role, state }: { role: string; state: string }) => `${role} ${state}`,
  )
  t.strictSame(states, [
    'security-officer expired',
    'viewer open',
    'orderer accepted',
    'approver accepted',
  ])

  const forged = await invite(max, { role: 'viewer', ...subject })
  await sql.query(`update invitations set role = 'administrator' where id = $1`, [forged.body.id])
  t.match(await accept(erika), {
    status: 409,
    body: { detail: /invitations was changed past Kontor/ },
  })
  t.notOk((await rolesOf(erika)).includes('administrator of weiler'))
  await sql.query('delete from invitations where id = $1', [forged.body.id])
  await acceptRows(kontor.running.runtime.db, 'invitations')
  const created = await runKontor(
    ['invitation', 'create', 'weiler', 'viewer', '--email', 'neu@weiler.example'],
    { KONTOR_URL: kontor.url, KONTOR_TOKEN: await issuer.tokenOf('max') },
  )
  t.match(created, { code: 0, stdout: /weiler +viewer +neu@weiler\.example +open/ })
})

t.test('who is not invited waits for no lock, and invitations have an end', async (t) => {
  await sql.query('begin')
  await sql.query('lock table organisations, invitations in share row exclusive mode')
  t.match(await erika('POST', '/api/invitations/accept'), { status: 204 })
  await sql.query('rollback')
  await sql.query(
    `insert into invitations (id, organisation_id, role, email, expires_at, created_at)
     select gen_random_uuid(), organisations.id, 'viewer', number || '@weiler.example',
       9999999999, now()
     from organisations, generate_series(1, 500) as number where name = 'weiler'`,
  )
  await acceptRows(kontor.running.runtime.db, 'invitations')
  const last = { organisation: 'weiler', role: 'viewer', email: 'a@b.example', expiresInDays: 1 }
  t.match(await max('POST', '/api/invitations', last), { status: 409, body: { detail: /^500 / } })
})

t.test('what ended long ago is deleted, but not what SQL has changed', async (t) => {
  const day = 86_400
  const now = Math.floor(Date.now() / 1_000)
  const [of] = (await sql.query<{ id: string }>('select id from organisations limit 1')).rows
  const [whose] = (await sql.query<{ id: string }>('select id from people limit 1')).rows
  const made: Record<string, string> = {}
  for (const [name, days] of [
    ['long ago', 91],
    ['changed', 91],
    ['lately', 89],
  ] as const) {
    const id = (made[name] = newId(new Date(0)))
    const expired = String(now - days * day)
    await sql.query(
      `insert into invitations (id, organisation_id, role, email, expires_at, created_at)
       values ($1, $2, 'viewer', 'a@b.example', $3, now())`,
      [id, of?.id, expired],
    )
    await sql.query(
      `insert into api_tokens (id, person_id, name, digest, access, expires_at, created_at)
       values ($1, $2, 'x', '', 'read', $3, now())`,
      [id, whose?.id, expired],
    )
  }
  await acceptRows(kontor.running.runtime.db, 'api_tokens', 'invitations')
  await sql.query(`update invitations set role = 'administrator' where id = $1`, [made['changed']])
  await sql.query(`update api_tokens set access = 'full' where id = $1`, [made['changed']])
  const session = (name: string, lasted: string, used: string) =>
    sql.query(
      `insert into sessions (id, digest, person_id, issuer, subject, claimed, authenticated_at,
         created_at, expires_at, user_agent, last_used_at)
       values (gen_random_uuid(), '', $1, 'i', 's', '{}', now(), now(), now() + $3::interval, $2,
         now() - $4::interval)`,
      [whose?.id, name, lasted, used],
    )
  await session('expired', '-25 hours', '25 hours')
  await session('unused', '1 hour', '3 days')
  await session('ended today', '-23 hours', '23 hours')
  await session('in use', '1 hour', '0')
  const kept = async (table: string, column: string) =>
    (await sql.query(`select ${column} as it from ${table} order by 1`)).rows.map(
      ({ it }: { it: string }) => it,
    )
  const worker = startWorker(kontor.running.runtime)
  const left = [made['changed'], made['lately']]
  await until(
    () => kept('sessions', 'user_agent'),
    ({ length }) => length === 2,
  )
  await worker.stop()
  t.strictSame(await kept('sessions', 'user_agent'), ['ended today', 'in use'])
  for (const table of ['api_tokens', 'invitations']) {
    const ids = new Set(await kept(table, 'id'))
    t.notOk(ids.has(made['long ago'] ?? ''), table)
    t.ok(
      left.every((id) => ids.has(id ?? '')),
      `${table}: what changed past Kontor is for an operator to look at`,
    )
  }
})

t.test('a logout of an issuer whose clock is slow ends the session that it means', async (t) => {
  const [whose] = (await sql.query<{ id: string }>('select id from people limit 1')).rows
  const began = Math.floor(Date.now() / 1_000)
  await sql.query(
    `insert into sessions (id, digest, person_id, issuer, subject, claimed, authenticated_at,
       created_at, expires_at, user_agent, last_used_at)
     values (gen_random_uuid(), '', $1, $2, 'slow', '{}', now(), to_timestamp($3),
       now() + interval '1 hour', '', now())`,
    [whose?.id, issuer.url, began + 0.9],
  )
  const logout = async (iat: number) => {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
    const claims = { sub: 'slow', aud: 'kontor-console', jti: String(iat), iat, events }
    const token = await issuer.sign(claims, { typ: 'logout+jwt' })
    const body = new URLSearchParams({ logout_token: token }).toString()
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const { status } = await caller(kontor.url, type)('POST', '/oidc/back-channel-logout', body)
    t.equal(status, 200)
    const { rows } = await sql.query(`select id from sessions where subject = 'slow'`)
    return rows.length
  }
  t.equal(
    await logout(began - 31),
    1,
    'more than the tolerance before: an earlier session is meant',
  )
  t.equal(await logout(began - 30), 0)
})
