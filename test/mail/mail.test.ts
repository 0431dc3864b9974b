// Mails to people, with a real SMTP server: what is sent of orders, to whom, and what becomes of
// mails that no server takes.
import { chmod, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { compose } from '../../src/mail/compose.ts'
import { openSmtp, smtpLimits, type SmtpLimits } from '../../src/mail/smtp.ts'
import type { MailView } from '../../src/types.gen.ts'
import { startShop, wanted } from '../orders/shop.ts'
import { runKontor } from '../support/kontor-command.ts'
import { caller, until } from '../support/kontor.ts'
import { startMailServer } from '../support/mail-server.ts'

const server = await startMailServer(t)
const passwordFile = join(t.testdir(), 'password')
await writeFile(passwordFile, `${server.password}\n`)
await chmod(passwordFile, 0o600)
const { kontor, nord, person, tokenOf } = await startShop(t, {
  environment: {
    KONTOR_SMTP_URL: `smtp://kontor@127.0.0.1:${server.port}`,
    KONTOR_SMTP_PASSWORD_FILE: passwordFile,
    KONTOR_MAIL_FROM: 'kontor@verwaltung.example',
    KONTOR_PUBLIC_URL: 'http://127.0.0.1:8080',
  },
})
const { admin } = kontor
const { db } = kontor.running.runtime
const mailOf = (name: string) => `${name}@stadt.example`
const orderer = (name: string, claims: object = {}) =>
  person(name, 'stadt', 'orderer', { email: mailOf(name), ...claims })
const erika = await orderer('erika')

type Call = typeof erika
const order = async (call: Call, more: object = {}): Promise<string> => {
  const { body, text } = await call('POST', '/api/orders', { ...wanted, ...more })
  const reply = await call('POST', `/api/orders/${body.number}/submit`, {})
  if (reply.status !== 200) throw new Error(`${text} ${reply.text}`)
  return body.number as string
}
// On a busy machine an order takes long enough to be written of as accepted first.
const got = (name: string) =>
  server
    .to(mailOf(name))
    .filter(({ headers }) => headers.get('subject')?.endsWith('ist angenommen') !== true)
const received = (name: string, count = 1) =>
  until(
    () => got(name),
    (mails) => mails.length >= count,
  )
const receivedAll = (name: string, count = 1) =>
  until(
    () => server.to(mailOf(name)),
    (mails) => mails.length >= count,
  )
const allMailsOf = async (call: Call): Promise<MailView[]> => {
  const { id } = (await call('GET', '/api/people/me')).body
  const { body } = await admin('GET', '/api/mail?limit=100')
  return body.items.filter((each: MailView) => each.person === id)
}
const mailsOf = async (call: Call) =>
  (await allMailsOf(call)).filter(({ kind }) => kind !== 'order-accepted')
const ended = (call: Call) =>
  until(
    () => mailsOf(call),
    ([mail]) => mail !== undefined && mail.state !== 'waiting',
  )

t.test('who orders gets a mail when the order is accepted, and one when it is ready', async (t) => {
  nord.simulator.configure({ behaviours: { '*': { mode: 'async' } } })
  nord.simulator.faults.add({ on: 'provision', times: 1, do: { never: true } })
  const number = await order(erika)
  const [accepted] = await receivedAll('erika')
  t.equal(accepted?.headers.get('subject'), `Bestellung ${number} ist angenommen`)
  const { body } = await admin('GET', '/api/operations?state=waiting')
  const settle = { outcome: 'succeeded', reason: 'The provider says that it is there.' }
  await admin('POST', `/api/operations/${body.items[0].id}/settle`, settle)
  const [, ready] = await receivedAll('erika', 2)
  t.equal(ready?.headers.get('subject'), `Bestellung ${number} ist bereit`)
  t.equal(ready?.headers.get('auto-submitted'), 'auto-generated')
  t.equal(ready?.headers.get('content-type'), 'text/plain; charset=utf-8')
  t.equal(ready?.headers.get('from'), 'Kontor <kontor@verwaltung.example>')
  t.match(ready?.text, `\n\nhttp://127.0.0.1:8080/orders/${number}\n`)
  t.match(ready?.text, 'Nachrichten der Kämmerei (Nachrichten, small)')
  t.notMatch(ready?.raw, wanted.purpose)
  const mails = await allMailsOf(erika)
  t.strictSame(
    mails.map(({ kind, state, attempts }) => [kind, state, attempts]),
    [
      ['order-ready', 'sent', 1],
      ['order-accepted', 'sent', 1],
    ],
  )
  t.equal(ready?.headers.get('message-id'), `<${mails[0]?.id}@127.0.0.1>`)
})

t.test('a person reads in English that an order has failed', async (t) => {
  const john = await orderer('john', { locale: 'en-GB' })
  const failOperation = { description: 'Secret of the provider\r\nBcc: all@stadt.example' }
  nord.simulator.faults.add({ on: 'provision', times: 1, do: { failOperation } })
  const number = await order(john)
  const failed = (await received('john')).find(({ headers }) =>
    headers.get('subject')?.endsWith('has failed'),
  )
  const [mail] = failed === undefined ? (await received('john', 2)).slice(1) : [failed]
  t.equal(mail?.headers.get('subject'), `Order ${number} has failed`)
  t.match(mail?.text, 'could not be provided')
  t.notMatch(mail?.raw, 'Secret')
  nord.simulator.configure({ behaviours: { '*': { mode: 'sync' } } })
})

t.test('no name makes a header, hides a text, or is without end', async (t) => {
  const name = `Eva\r\nBcc: all@stadt.example\u202E${'x'.repeat(300)}`
  const eva = await orderer('eva', { name })
  await order(eva, { instanceName: `Kasse\u202E\u2028 1 ${'y'.repeat(60)}` })
  const [mail] = await received('eva')
  t.strictSame(mail?.to, [mailOf('eva')])
  t.notOk(mail?.headers.has('bcc'))
  t.match(mail?.headers.get('to'), /^"?Eva Bcc: all@stadt\.example ?x+…"? <eva@stadt\.example>$/)
  t.match(mail?.text, /Bestellt ist: Kasse 1 y{60} \(Nachrichten, small\)\n/)
})

t.test('a kind that is switched off, and a person without an address, get none', async (t) => {
  const max = await orderer('max')
  const off = await max('PATCH', '/api/people/me', { notifications: { 'order-ready': false } })
  t.match(off.body.notifications, { 'order-ready': false, 'order-failed': true }, off.text)
  await order(max)
  t.match(await ended(max), [{ state: 'dropped', reason: 'switched-off' }])
  const nina = await person('nina', 'stadt')
  await order(nina)
  t.match(await ended(nina), [{ state: 'dropped', reason: 'no-address' }])
  const two = await orderer('two', { email: 'two@stadt.example,all@stadt.example' })
  await order(two)
  t.match(await ended(two), [{ state: 'dropped', reason: 'no-address' }])
})

t.test('who is no member any more when it is sent gets none', async (t) => {
  const gone = await orderer('gone')
  await server.stop()
  await order(gone)
  const [waiting] = await until(
    () => mailsOf(gone),
    ([mail]) => mail !== undefined && mail.attempts > 0 && mail.reason !== null,
  )
  t.match(waiting, { state: 'waiting', reason: /ECONNREFUSED/ })
  const { id } = (await gone('GET', '/api/people/me')).body
  const { body } = await admin('GET', `/api/memberships?person=${id}`)
  await admin('DELETE', `/api/memberships/${body.items[0].id}`)
  await server.start()
  t.match(await ended(gone), [{ state: 'dropped', reason: 'not-entitled' }])
  t.strictSame(server.to(mailOf('gone')), [])
})

t.test('what is no longer so at the time of sending is not sent', async (t) => {
  const zoe = await orderer('zoe')
  await server.stop()
  const number = await order(zoe, { instanceName: 'Kasse 9' })
  await until(
    () => mailsOf(zoe),
    ([mail]) => mail !== undefined && mail.reason !== null,
  )
  const now = { instanceName: 'Kasse 9', when: 'now' }
  const ended = await zoe('POST', `/api/orders/${number}/cancellation`, now)
  t.equal(ended.status, 200, ended.text)
  await server.start()
  const mails = await until(
    () => mailsOf(zoe),
    (all) => all.every(({ state }) => state !== 'waiting'),
  )
  t.ok(mails.every(({ state, reason }) => state === 'dropped' && reason === 'obsolete'))
  t.strictSame(server.to(mailOf('zoe')), [])
})

t.test('who is invited by mail address, or has asked to come in, gets a mail', async (t) => {
  const invite = async (email: string) => {
    const given = { organisation: 'stadt', role: 'viewer', expiresInDays: 7, email }
    return (await admin('POST', '/api/invitations', given)).body.id as string
  }
  await invite('Neu@Stadt.example')
  const [invited] = await received('neu')
  t.equal(invited?.headers.get('subject'), 'Einladung: stadt')
  t.match(invited?.text, '\n\nhttp://127.0.0.1:8080/sign-in\n')
  for (const _ of [1, 2, 3])
    await admin('DELETE', `/api/invitations/${await invite('oft@stadt.example')}`)
  const given = { organisation: 'stadt', role: 'viewer', expiresInDays: 7 }
  const oft = { ...given, email: 'Oft@stadt.example' }
  const fourth = await admin('POST', '/api/invitations', oft)
  t.match([fourth.status, fourth.body.detail], [409, /^3 mails .* to this address/])
  const ida = await person('ida', undefined, undefined, { email: mailOf('ida') })
  const contact = { name: 'Amt', email: 'amt@weiler.example' }
  const ask = async (name: string) => {
    const agency = { name, displayName: `Gemeinde ${name}`, level: 'kommune', contact }
    return (await ida('POST', '/api/registrations', { agency })).body.id as string
  }
  await admin('POST', `/api/registrations/${await ask('weiler')}/accept`, {})
  const reason = 'Die Gemeinde ist schon da.'
  await admin('POST', `/api/registrations/${await ask('weiler-2')}/refuse`, { reason })
  const decided = (await received('ida', 2)).map(({ headers, text }) =>
    [headers.get('subject'), text.includes(reason)].join(' '),
  )
  t.strictSame(decided.toSorted(), [
    'Ihr Antrag ist abgelehnt: Gemeinde weiler-2 true',
    'Ihr Antrag ist angenommen: Gemeinde weiler false',
  ])
  await server.stop()
  await admin('DELETE', `/api/invitations/${await invite('weg@stadt.example')}`)
  await server.start()
  const { body } = await until(
    () => admin('GET', '/api/mail?kind=invitation'),
    (reply) => reply.body.items.every(({ state }: MailView) => state !== 'waiting'),
  )
  t.match(body.items[0], { state: 'dropped', reason: 'obsolete', person: null })
})

t.test('what became of an order while no mail server was set is no news later', async (t) => {
  nord.simulator.configure({ behaviours: { '*': { mode: 'async', provisionSeconds: 3_600 } } })
  const late = await orderer('late')
  await order(late)
  await receivedAll('late')
  const { id } = await db
    .selectFrom('followed_orders')
    .select('order_id as id')
    .executeTakeFirstOrThrow()
  const check = db.updateTable('followed_orders').where('order_id', '=', id)
  await check.set({ check_at: new Date(Date.now() - 4 * 86_400_000) }).execute()
  await until(
    () => db.selectFrom('followed_orders').select('order_id').execute(),
    (followed) => followed.length === 0,
  )
  t.equal((await allMailsOf(late)).length, 1)
  nord.simulator.configure({ behaviours: { '*': { mode: 'sync' } } })
})

t.test('a role that only claims grant counts for a time, which its order begins', async (t) => {
  const claims = { email: mailOf('clara'), roles: 'k-agency', organisations: ['stadt'] }
  const clara = await person('clara', undefined, undefined, claims)
  await order(clara)
  t.equal((await received('clara')).length, 1)
  await server.stop()
  await order(clara)
  await until(
    () => mailsOf(clara),
    (mails) => mails.some(({ state, reason }) => state === 'waiting' && reason !== null),
  )
  const past = new Date(Date.now() - 1_000)
  const waiting = db.updateTable('mails').where('state', '=', 'waiting')
  await waiting.set({ vouched_until: past }).execute()
  await server.start()
  t.match(await ended(clara), [{ state: 'dropped', reason: 'not-entitled' }, { state: 'sent' }])
})

t.test('of an end, and of credentials to be renewed, orderer and owner get mail', async (t) => {
  const anna = await orderer('anna')
  const olga = await person('olga', 'stadt', 'viewer', { email: mailOf('olga') })
  const number = await order(anna, { instanceName: 'Kasse' })
  const bind = async (bindingExpiresDays: number) => {
    nord.simulator.configure({ behaviours: { '*': { mode: 'sync', bindingExpiresDays } } })
    const { status, text } = await anna('POST', `/api/orders/${number}/bindings`, {})
    t.equal(status, 201, text)
  }
  await bind(1e-6)
  // As an older release has written it.
  const { numUpdatedRows } = await db
    .updateTable('bindings')
    .set({ renew_at: null })
    .where('renew_at', 'is not', null)
    .executeTakeFirstOrThrow()
  t.equal(numUpdatedRows, 1n)
  await bind(1e-6)
  await bind(30)
  const cancelled = { instanceName: 'Kasse', when: 'end-date' }
  await anna('POST', `/api/orders/${number}/cancellation`, cancelled)
  const soon = new Date(Date.now() + 3 * 86_400_000)
  const row = db.updateTable('orders').where('number', '=', number)
  await row.set({ end_at: soon, end_due_at: soon }).execute()
  const [instance] = (await anna('GET', '/api/instances?q=Kasse')).body.items
  const { id } = (await olga('GET', '/api/people/me')).body
  t.equal((await anna('PATCH', `/api/instances/${instance.id}`, { ownerId: id })).status, 200)
  // The job runs once an hour, and at the start.
  const other = await kontor.another()
  const subjects = (mails: Awaited<ReturnType<typeof received>>) =>
    mails.map(({ headers }) => headers.get('subject')?.replace(/ am .*/, '') ?? '').toSorted()
  const renew = 'Zugangsdaten sind zu erneuern: Kasse'
  const both = [`Bestellung ${number} endet`, renew, renew]
  t.strictSame(subjects(await received('olga', 3)), both)
  const all = [...both, `Bestellung ${number} ist bereit`].toSorted()
  t.strictSame(subjects(await received('anna', 4)), all)
  const [renewal] = server.to(mailOf('olga')).filter(({ text }) => text.includes('/bindings/'))
  t.match(renewal?.text, /http:\/\/127\.0\.0\.1:8080\/bindings\/[0-9a-f-]{36}\n/)
  await other.running.stop()
  nord.simulator.configure({ behaviours: { '*': { mode: 'sync' } } })
})

t.test('what no server takes is sent once it is back, by one of several processes', async (t) => {
  const old = new Date(Date.now() - 31 * 86_400_000)
  const { numUpdatedRows } = await db
    .updateTable('mails')
    .set({ created_at: old })
    .where('kind', 'in', ['order-accepted', 'order-ready', 'order-failed'])
    .executeTakeFirstOrThrow()
  t.ok(numUpdatedRows > 5n)
  const lena = await orderer('lena')
  await server.stop()
  const numbers = [await order(lena), await order(lena), await order(lena)]
  const failing = await until(
    () => mailsOf(lena),
    (mails) => mails.length === 3 && mails.every(({ reason }) => reason !== null),
  )
  t.match((await caller(kontor.url, {})('GET', '/readyz')).status, 200)
  const { text } = await caller(kontor.url, {})('GET', '/metrics')
  t.match(text, /^kontor_mails_waiting [3-6]$/m)
  t.match(text, /^kontor_mails_oldest_seconds [\d.]+$/m)
  const other = await kontor.another()
  await until(
    () => db.selectFrom('mails').select('id').where('created_at', '<=', old).execute(),
    (mails) => mails.length === 0,
  )
  t.pass('old mails are deleted')
  t.equal(server.to(mailOf('olga')).length, 3, 'no second mail of the same')
  await server.start()
  const retried = await admin('POST', `/api/mail/${failing[0]?.id}/retry`)
  t.match(retried.body, { state: 'waiting', id: failing[0]?.id }, retried.text)
  const mails = await until(
    () => mailsOf(lena),
    (all) => all.every(({ state }) => state === 'sent'),
  )
  await other.running.stop()
  t.equal(mails.length, 3)
  t.strictSame(
    got('lena')
      .map(({ headers }) => headers.get('subject') ?? '')
      .toSorted(),
    numbers.map((number) => `Bestellung ${number} ist bereit`).toSorted(),
  )
  t.equal((await admin('POST', `/api/mail/${mails[0]?.id}/retry`)).status, 409, 'sent already')
})

t.test('an address that the server refuses for ever harms no other mail', async (t) => {
  const rita = await orderer('rita')
  const otto = await orderer('otto')
  server.refusals.set(mailOf('rita'), '550 5.1.1 No such user')
  await Promise.all([order(rita), order(otto)])
  const [failed] = await ended(rita)
  t.match(failed, { state: 'failed', attempts: 1, reason: /^EENVELOPE: .*550 / })
  t.notMatch(failed?.reason, 'stadt.example', 'no address')
  t.equal((await received('otto')).length, 1)
  const { text } = await caller(kontor.url, {})('GET', '/metrics')
  t.match(text, /^kontor_mails_failed 1$/m)
  server.refusals.clear()
  const environment = {
    KONTOR_URL: kontor.url,
    KONTOR_TOKEN: kontor.environment['KONTOR_ADMIN_TOKEN'] ?? '',
  }
  const listed = await runKontor(['mail', 'list', '--state', 'failed'], environment)
  t.match(listed.stdout, /order-ready .*EENVELOPE/, listed.stderr)
  await runKontor(['mail', 'retry', failed?.id ?? ''], environment)
  await received('rita')
  t.equal((await rita('GET', '/api/mail')).status, 403, 'for operators only')
})

t.test(
  'what only the set-up of the server refuses waits, and all of it is sent later',
  async (t) => {
    const ruth = await orderer('ruth')
    server.refusals.set(mailOf('ruth'), '554 5.7.1 Relay access denied')
    const numbers = [await order(ruth), await order(ruth)]
    const [first, second] = await until(
      () => mailsOf(ruth),
      (mails) => mails.length === 2 && mails.every(({ reason }) => reason !== null),
    )
    t.match(first, { state: 'waiting', reason: /554 5\.7\.1/ })
    t.ok(Date.parse(first?.nextAttemptAt ?? '') > Date.now() + 50 * 60_000, 'not before an hour')
    const late = db.updateTable('mails').where('id', 'in', [first?.id ?? '', second?.id ?? ''])
    const past = new Date(Date.now() - 1_000)
    await late.set({ give_up_at: past, due_at: past }).execute()
    const states = async () => (await mailsOf(ruth)).map(({ state }) => state)
    await until(states, (all) => all.every((state) => state === 'failed'))
    const again = await admin('POST', `/api/mail/${first?.id}/retry`)
    t.equal(again.status, 200, again.text)
    await until(
      () => mailsOf(ruth),
      ([mail]) => Date.parse(mail?.nextAttemptAt ?? '') > Date.now() + 50 * 60_000,
    )
    t.strictSame(await states(), ['waiting', 'failed'], 'a retry is more than one attempt')
    server.refusals.clear()
    const environment = {
      KONTOR_URL: kontor.url,
      KONTOR_TOKEN: kontor.environment['KONTOR_ADMIN_TOKEN'] ?? '',
    }
    const retried = await runKontor(['mail', 'retry', '--all'], environment)
    t.match(retried.stdout, /^1 mail/, retried.stderr)
    await received('ruth')
    const events = async () =>
      (await admin('GET', '/api/audit/events?action=mail.retried&limit=100')).body.items.length
    const before = await events()
    await admin('POST', `/api/mail/${first?.id}/retry`)
    t.equal(await events(), before + 1)
    await received('ruth', 2)
    const sent = got('ruth').map(({ headers }) => headers.get('subject') ?? '')
    t.strictSame(
      sent.toSorted(),
      numbers.map((number) => `Bestellung ${number} ist bereit`).toSorted(),
    )
  },
)

t.test('a mail that the server may have taken is sent three times at most', async (t) => {
  const uwe = await orderer('uwe')
  server.wordless.set(mailOf('uwe'), 'closes')
  await order(uwe)
  for (const [attempt, hours] of [
    [1, 1],
    [2, 6],
  ] as const) {
    const [mail] = await until(
      () => mailsOf(uwe),
      ([each]) => each?.attempts === attempt && each.reason !== null && each.state === 'waiting',
    )
    t.match(mail?.reason, /^The server may have taken it/)
    const delayMs = Date.parse(mail?.nextAttemptAt ?? '') - Date.now()
    t.ok(delayMs > (hours * 60 - 10) * 60_000, `not before ${hours} hours`)
    const row = db.updateTable('mails').where('id', '=', mail?.id ?? '')
    await row.set({ due_at: new Date(), reason: null }).execute()
  }
  t.match(await ended(uwe), [{ state: 'failed', attempts: 3, reason: /may have taken it/ }])
  t.equal(got('uwe').length, 3)
  server.wordless.clear()
})

// Behind those that order, for Kontor spares a provider that has failed.
t.test('an order that has failed is not accepted after that, nor written of again', async (t) => {
  nord.simulator.configure({ behaviours: { '*': { mode: 'sync' } } })
  nord.simulator.faults.add({ on: 'provision', when: 'after', do: { status: 500 } })
  nord.simulator.faults.add({ on: 'deprovision', times: 0, do: { status: 500 } })
  const paul = await orderer('paul')
  const { body } = await paul('POST', '/api/orders', wanted)
  await paul('POST', `/api/orders/${body.number}/submit`, {})
  const subjects = () => server.to(mailOf('paul')).map(({ headers }) => headers.get('subject'))
  const failed = `Bestellung ${body.number} ist gescheitert`
  await until(subjects, (all) => all.includes(failed))
  const before = subjects()
  const { id: person_id } = (await paul('GET', '/api/people/me')).body
  await db.deleteFrom('mails').where('person_id', '=', person_id).execute()
  const followed = () =>
    db.selectFrom('followed_orders').select('check_at').where('person_id', '=', person_id)
  const checked = async () => {
    const now = new Date()
    await db
      .updateTable('followed_orders')
      .set({ check_at: now })
      .where('person_id', '=', person_id)
      .execute()
    await until(
      () => followed().execute(),
      ([row]) => row !== undefined && row.check_at > now,
    )
  }
  await checked()
  t.strictSame(await allMailsOf(paul), [], 'mails are deleted sooner than an order may take')
  await until(
    async () => {
      const removal = db.updateTable('operations').where('state', '=', 'compensating')
      await removal.set({ retries: 60, next_step_at: new Date() }).execute()
      return admin('GET', '/api/operations?state=parked')
    },
    (reply) => reply.body.items.length === 1,
  )
  await checked()
  t.strictSame([await allMailsOf(paul), subjects()], [[], before])
  await db
    .updateTable('orders')
    .set({ submitted_at: new Date(Date.now() - 91 * 86_400_000) })
    .where('number', '=', body.number)
    .execute()
  const last = db.updateTable('followed_orders').where('person_id', '=', person_id)
  await last.set({ check_at: new Date() }).execute()
  await until(
    () => followed().execute(),
    (rows) => rows.length === 0,
  )
  nord.simulator.faults.clear()
})

t.test('sending', async (t) => {
  const smtp = (port: number, limits: SmtpLimits, tls = 'optional') => {
    const settings = readConfig({
      KONTOR_SMTP_URL: `smtp://127.0.0.1:${port}`,
      KONTOR_SMTP_TLS: tls,
      KONTOR_MAIL_FROM: 'kontor@verwaltung.example',
      KONTOR_PUBLIC_URL: 'https://kontor.example',
    }).mail
    if (settings === undefined) throw new Error('no settings')
    const send = openSmtp(settings, () => {}, limits)
    const facts = { kind: 'invitation', invitation: '1', organisation: 'stadt' } as const
    const mail = { id: '1', facts, createdAt: new Date() }
    const to = { address: mailOf('erika'), name: null, language: 'de' } as const
    return send(compose(settings, mail, to), new AbortController().signal)
  }
  const other = await startMailServer(t, { authOptional: true })

  t.test('sends nothing in clear where STARTTLS is required', async (t) => {
    const error = { message: /ETLS|STARTTLS/, fault: 'transient' }
    await t.rejects(smtp(other.port, smtpLimits, 'required'), error)
    t.strictSame(other.mails, [])
  })

  t.test('has an end, however often the server says something', async (t) => {
    const dripping = createServer((socket) => {
      socket.on('error', () => {})
      const drip = setInterval(() => socket.write('220-wait\r\n'), 20)
      socket.on('close', () => {
        clearInterval(drip)
      })
    })
    t.teardown(() => dripping.close())
    await new Promise<void>((resolve) => dripping.listen(0, '127.0.0.1', resolve))
    const { port } = dripping.address() as AddressInfo
    const limits = { untilSentMs: 200, answerMs: 60_000 }
    await t.rejects(smtp(port, limits), { message: /./, fault: 'transient' })
  })

  t.test('knows that a server that says nothing at the end has the mail', async (t) => {
    other.wordless.set(mailOf('erika'), 'waits')
    const limits = { untilSentMs: 60_000, answerMs: 200 }
    await t.rejects(smtp(other.port, limits), { message: /./, fault: 'unknown' })
    t.equal(other.mails.length, 1)
  })
})

t.test('a person switches mails off by a command', async (t) => {
  await orderer('cora')
  const environment = { KONTOR_URL: kontor.url, KONTOR_TOKEN: await tokenOf('cora') }
  const off = await runKontor(
    ['person', 'notifications', '--off', 'order-accepted', 'order-ready'],
    environment,
  )
  t.match(off.stdout, /order-accepted +off\n.*order-ready +off\n.*order-failed +on/s, off.stderr)
  const on = await runKontor(['person', 'notifications', '--on', 'order-ready'], environment)
  t.match(on.stdout, /order-accepted +off\n.*order-ready +on/s, on.stderr)
})
