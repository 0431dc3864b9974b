// People who sign in with tokens of a real issuer, and what their memberships give them.
import pg from 'pg'
import t from 'tap'
import { mayIn, type SignedIn } from '../../src/people/person.ts'
import { claimedOf, type Claimed } from '../../src/people/claimed.ts'
import { createPrincipals } from '../../src/people/principal.ts'
import { newId } from '../../src/ids.ts'
import type { PersonRole } from '../../src/types.gen.ts'
import { organisation } from '../access/tenants.ts'
import { acceptRows } from '../support/accept-rows.ts'
import { startIssuer } from '../support/issuer.ts'
import { caller, startKontor, type Call } from '../support/kontor.ts'
import { writeOidcFile } from '../support/oidc-file.ts'

const issuer = await startIssuer(t, {
  erika: { name: 'Erika\u202e Mustermann', email: 'erika@stadt.example', locale: 'en-GB' },
  max: {},
  land: { roles: 'k-agency', organisations: ['land'], name: 'Land' },
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
      roles: { 'k-agency': 'agency', 'k-operator': 'operator' },
      organisationsClaim: 'organisations',
    }),
  },
})
const { admin } = kontor
const { db, directory, people, refresh } = kontor.running.runtime
const sql = new pg.Client({ connectionString: kontor.databaseUrl })
await sql.connect()
t.teardown(() => sql.end())
const land = await organisation(kontor, 'land', 'land')
const stadt = await organisation(kontor, 'stadt', 'kommune', 'land')
const dorf = await organisation(kontor, 'dorf', 'kommune')

const bearer = (token: string): Call => caller(kontor.url, { authorization: `Bearer ${token}` })
const as = async (machine: string): Promise<Call> => bearer(await issuer.tokenOf(machine))
const me = async (call: Call) => (await call('GET', '/api/people/me')).body

async function join(personId: string, organisationId: string, role: PersonRole): Promise<string> {
  const id = newId(new Date())
  await sql.query(
    `insert into memberships (id, person_id, organisation_id, role, created_at)
     values ($1, $2, $3, $4, now())`,
    [id, personId, organisationId, role],
  )
  return id
}

const claims: Record<string, Claimed> = {}
for (const subject of ['erika', 'max', 'land'])
  claims[subject] = claimedOf({
    trust: {
      issuer: issuer.url,
      alias: 'test',
      people: {
        rolesClaim: 'roles',
        roles: { 'k-agency': 'agency' },
        organisationsClaim: 'organisations',
      },
    } as never,
    subject,
    claims: issuer.machines.get(subject) ?? {},
  })

/** As a session would make it, without a request. */
function signedIn(subject: string): SignedIn {
  const principal = createPrincipals({ directory, people })(claims[subject] as Claimed, ['person'])
  const { actor, scope } = principal
  if (principal.signedIn === undefined) throw new Error(`${subject} is no person yet`)
  return { ...principal.signedIn, caller: { actor, scope, requestId: 'r' } }
}

t.test(
  'the first sign-in makes the person, and a later one keeps what the issuer says',
  async (t) => {
    const erika = await as('erika')
    const first = await me(erika)
    t.match(first, {
      issuer: issuer.url,
      subject: 'erika',
      name: 'Erika Mustermann',
      email: 'erika@stadt.example',
      language: 'en',
    })
    t.strictSame([first.duties, first.roles], [[], []])
    issuer.machines.set('erika', { name: 'Erika Musterfrau' })
    const later = await me(await as('erika'))
    t.match(later, { id: first.id, name: 'Erika Musterfrau', email: 'erika@stadt.example' })
    issuer.machines.set('erika', { name: 'Erika Anders' })
    t.match(await me(await as('erika')), { name: 'Erika Musterfrau' }, 'once a minute')
    issuer.machines.set('erika', { name: 'Erika Musterfrau' })
    t.match((await erika('PATCH', '/api/people/me', { language: 'de' })).body, { language: 'de' })
    t.match(await me(erika), { language: 'de' }, 'the claim does not change it back')
    const { rows } = await sql.query(
      `select actor, object_id from audit_events where action = 'person.created'`,
    )
    t.strictSame(rows, [{ actor: 'oidc:test:erika', object_id: first.id }])
    t.match(await admin('GET', '/api/people/me'), { status: 403 }, 'the admin token is no person')
    t.match(await erika('GET', '/api/organisations'), { status: 403 }, 'a person without a role')
  },
)

t.test('a person who signs in twice at once is one person', async (t) => {
  const both = await kontor.another()
  const token = await issuer.tokenOf('max')
  const there = caller(both.running.url ?? '', { authorization: `Bearer ${token}` })
  const [one, other] = await Promise.all([me(bearer(token)), me(there)])
  t.equal(one.id, other.id)
  await both.running.stop()
})

t.test('a role holds in the subtree, and includes what it needs', async (t) => {
  const { id } = await me(await as('max'))
  const membership = await join(id, land, 'administrator')
  await acceptRows(db, 'memberships')
  await refresh()
  const max = signedIn('max')
  t.ok(mayIn(max, land, 'administrator'))
  t.ok(mayIn(max, stadt, 'orderer'), 'below it, and as an orderer')
  t.ok(mayIn(max, stadt, 'viewer'))
  for (const role of ['approver', 'budget-officer', 'security-officer'] as const)
    t.notOk(mayIn(max, stadt, role), `an administrator is no ${role}`)
  t.notOk(mayIn(max, dorf, 'viewer'), 'not beside it')
  t.notOk(mayIn(max, 'none', 'viewer'), 'not in an unknown one')
  t.strictSame(max.caller.scope, { organisations: [land, stadt], providers: [] })

  await sql.query(`update memberships set role = 'approver' where id = $1`, [membership])
  await acceptRows(db, 'memberships')
  await refresh()
  const approver = signedIn('max')
  t.strictSame([...approver.rolesIn(stadt)].toSorted(), ['approver', 'viewer'])
  const call = await as('max')
  t.strictSame(
    (await call('GET', '/api/organisations')).body.items.map(({ name }: { name: string }) => name),
    ['stadt', 'land'],
    'a member reads',
  )
  t.match(await call('GET', '/api/audit/events'), { status: 403 }, 'but not the audit log')
})

t.test('the claim for agencies makes an administrator, beside the memberships', async (t) => {
  const call = await as('land')
  const { id, roles } = await me(call)
  t.strictSame(roles, [
    { organisation: { id: land, name: 'land' }, role: 'administrator', from: 'claims' },
  ])
  await join(id, dorf, 'viewer')
  await acceptRows(db, 'memberships')
  await refresh()
  t.equal((await me(call)).roles.length, 2)
  const both = signedIn('land')
  t.ok(mayIn(both, stadt, 'administrator'))
  t.strictSame([...both.rolesIn(dorf)], ['viewer'])
  t.equal((await call('GET', '/api/organisations')).body.items.length, 3)
})

t.test('in a suspended organisation, and below it, no role counts', async (t) => {
  const reason = { reason: 'test' }
  await admin('POST', '/api/organisations/land/suspend', reason)
  t.notOk(mayIn(signedIn('max'), stadt, 'viewer'))
  t.notOk(mayIn(signedIn('land'), land, 'viewer'))
  t.match(await (await as('max'))('GET', '/api/organisations'), { status: 403 })
  await admin('POST', '/api/organisations/land/resume', reason)
  t.ok(mayIn(signedIn('max'), stadt, 'viewer'))
})

t.test('administrators give, change and take roles in their subtree, and no others', async (t) => {
  const land = await as('land')
  const max = (await me(await as('max'))).id as string
  const give = (call: Call, person: string, organisation: string, role: PersonRole) =>
    call('POST', '/api/memberships', { person, organisation, role })
  const given = await give(land, max, 'stadt', 'orderer')
  t.match(given, {
    status: 201,
    body: { person: { id: max, subject: 'max' }, organisation: { name: 'stadt' }, role: 'orderer' },
  })
  t.match(await give(land, max, 'stadt', 'orderer'), { status: 409 }, 'twice')
  const stranger = (await me(await as('erika'))).id as string
  t.match(await give(land, stranger, 'stadt', 'viewer'), { status: 400 }, 'no member of theirs')
  t.match(await give(land, max, 'dorf', 'orderer'), { status: 400 }, 'where they are viewers')
  t.match(await give(await as('max'), max, 'stadt', 'approver'), { status: 403 }, 'a member')
  t.match(await give(admin, stranger, 'dorf', 'administrator'), { status: 201 }, 'an operator')

  let at = `/api/memberships/${given.body.id}`
  t.match(await land('PATCH', at, { role: 'approver' }), {
    status: 200,
    body: { role: 'approver' },
  })
  t.ok(mayIn(signedIn('max'), stadt, 'approver'), 'it counts at once')
  const erika = await as('erika')
  t.match(await erika('GET', at), { status: 404 }, 'a foreign one')
  t.match(await erika('DELETE', at), { status: 404 })
  const list = await land('GET', `/api/memberships?organisation=stadt&person=${max}&role=approver`)
  t.strictSame(
    list.body.items.map((each: { id: string }) => each.id),
    [given.body.id],
  )

  const own = (await erika('GET', '/api/memberships?role=administrator')).body.items[0].id as string
  t.match(await erika('DELETE', `/api/memberships/${own}`), { status: 409 }, 'the last one')
  t.match(await erika('PATCH', `/api/memberships/${own}`, { role: 'viewer' }), { status: 409 })
  await give(admin, max, 'dorf', 'administrator')
  t.match(await erika('DELETE', `/api/memberships/${own}`), { status: 204 }, 'the last but one')
  t.match(await erika('GET', '/api/memberships'), { status: 403 }, 'it is over at once')
  const member = await as('max')
  const other = `/api/memberships/${(await give(admin, stranger, 'stadt', 'viewer')).body.id}`
  t.match(await member('DELETE', other), { status: 404 }, 'one that a member only sees')
  await admin('DELETE', other)
  const ofMax = { name: 'test', access: 'full', expiresInDays: 1, roles: ['viewer'] }
  const { token } = (await member('POST', '/api/tokens', ofMax)).body
  t.match(await bearer(token)('DELETE', at), { status: 404 }, 'a token does not leave')
  t.match(await member('DELETE', at), { status: 204 }, 'but the person does')
  t.match(await member('DELETE', at), { status: 404 })
  const again = await give(land, max, 'stadt', 'approver')
  at = `/api/memberships/${again.body.id}`
  await admin('POST', '/api/organisations/stadt/suspend', { reason: 'test' })
  t.match(await land('DELETE', at), { status: 403 }, 'in a suspended organisation')
  await admin('POST', '/api/organisations/stadt/resume', { reason: 'test' })
  t.match(await land('DELETE', at), { status: 204 })
  t.match(await land('DELETE', at), { status: 404 })
  const { body } = await admin('GET', `/api/memberships?person=${max}&organisation=dorf`)
  await admin('DELETE', `/api/memberships/${body.items[0].id}`)
})

t.test('what SQL writes lets no one in, and is noticed', async (t) => {
  const isRight = async (table: string) =>
    (await admin('GET', '/api/integrity')).body.tables.find(
      (each: { table: string }) => each.table === table,
    ).isRight
  const erika = await as('erika')
  const { id } = await me(erika)
  const forged = await join(id, land, 'administrator')
  await refresh()
  t.strictSame((await me(erika)).roles, [], 'a membership without a MAC')
  t.equal(await isRight('memberships'), false)
  await sql.query(
    `update memberships set mac = (select mac from memberships where id <> $1 limit 1)
     where id = $1`,
    [forged],
  )
  await refresh()
  t.strictSame((await me(erika)).roles, [], 'or with the MAC of another')
  await sql.query('delete from memberships where id = $1', [forged])
  await refresh()
  t.equal(await isRight('memberships'), true)

  const { rows } = await sql.query('select * from memberships where role = $1', ['approver'])
  await sql.query(`update memberships set role = 'administrator' where id = $1`, [rows[0].id])
  await refresh()
  t.strictSame((await me(await as('max'))).roles, [], 'a role that was changed')
  await sql.query(`update memberships set role = 'approver' where id = $1`, [rows[0].id])
  await refresh()
  t.equal((await me(await as('max'))).roles.length, 1)

  const mine = await me(erika)
  await sql.query(`update people set subject = 'gone' where subject = 'erika'`)
  await sql.query(`update people set subject = 'erika' where subject = 'max'`)
  await refresh()
  t.equal(await isRight('people'), false)
  t.match(await erika('GET', '/api/people/me'), { status: 409 }, 'the subject of another person')
  t.match(await erika('GET', '/api/organisations'), { status: 403 })
  await sql.query(`update people set subject = 'max' where subject = 'erika'`)
  await sql.query(`update people set subject = 'erika' where subject = 'gone'`)
  await refresh()
  t.strictSame(await me(erika), mine)

  await sql.query('create temporary table kept as select * from memberships where id = $1', [
    rows[0].id,
  ])
  t.match(await admin('DELETE', `/api/memberships/${rows[0].id}`), { status: 204 })
  await sql.query('insert into memberships select * from kept')
  await refresh()
  t.strictSame((await me(await as('max'))).roles, [], 'one that was taken away and is put back')
  t.equal(await isRight('memberships'), false)
  const fresh = await kontor.another()
  const there = caller(fresh.running.url ?? '', {
    authorization: `Bearer ${await issuer.tokenOf('max')}`,
  })
  t.strictSame((await me(there)).roles, [], 'nor in a process that starts then')
  await fresh.running.stop()
  await sql.query('delete from memberships where id = $1', [rows[0].id])
  await refresh()
  t.equal(await isRight('memberships'), true)
})
