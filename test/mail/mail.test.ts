// Mails to people, with a real SMTP server: what is sent of orders, to whom, and what becomes of
// mails that no server takes.
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { compose } from '../../src/mail/compose.ts'
import { openSmtp } from '../../src/mail/smtp.ts'
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
const received = (name: string, count = 1) =>
  until(
    () => server.to(mailOf(name)),
    (mails) => mails.length >= count,
  )
const mailsOf = async (call: Call): Promise<MailView[]> => {
  const { id } = (await call('GET', '/api/people/me')).body
  const { body } = await admin('GET', '/api/mail?limit=100')
  return body.items.filter((each: MailView) => each.person === id)
}
const ended = (call: Call) =>
  until(
    () => mailsOf(call),
    ([mail]) => mail !== undefined && mail.state !== 'waiting',
  )

t.test('who orders gets a mail when the order is accepted, and one when it is ready', async (t) => {
  nord.simulator.configure({ behaviours: { '*': { mode: 'async' } } })
  nord.simulator.faults.add({ on: 'provision', times: 1, do: { never: true } })
  const number = await order(erika)
  const [accepted] = await received('erika')
  t.equal(accepted?.headers.get('subject'), `Bestellung ${number} ist angenommen`)
  const { body } = await admin('GET', '/api/operations?state=waiting')
  const settle = { outcome: 'succeeded', reason: 'The provider says that it is there.' }
  await admin('POST', `/api/operations/${body.items[0].id}/settle`, settle)
  const [, ready] = await received('erika', 2)
  t.equal(ready?.headers.get('subject'), `Bestellung ${number} ist bereit`)
  t.equal(ready?.headers.get('auto-submitted'), 'auto-generated')
  t.equal(ready?.headers.get('content-type'), 'text/plain; charset=utf-8')
  t.equal(ready?.headers.get('from'), 'Kontor <kontor@verwaltung.example>')
  t.match(ready?.text, `\n\nhttp://127.0.0.1:8080/orders/${number}\n`)
  t.match(ready?.text, 'Nachrichten der Kämmerei (Nachrichten, small)')
  t.notMatch(ready?.raw, wanted.purpose)
  const mails = await mailsOf(erika)
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

t.test('who is invited by mail address, or has asked to come in, gets a mail', async (t) => {
  const invite = async (email: string) => {
    const given = { organisation: 'stadt', role: 'viewer', expiresInDays: 7, email }
    return (await admin('POST', '/api/invitations', given)).body.id as string
  }
  await invite('Neu@Stadt.example')
  const [invited] = await received('neu')
  t.equal(invited?.headers.get('subject'), 'Einladung: stadt')
  t.match(invited?.text, '\n\nhttp://127.0.0.1:8080/sign-in\n')
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
  await received('late')
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
  t.equal((await mailsOf(late)).length, 1)
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
  const both = [`Bestellung ${number} endet`, 'Zugangsdaten sind zu erneuern: Kasse']
  t.strictSame(subjects(await received('olga', 2)), both)
  const all = [...both, `Bestellung ${number} ist bereit`].toSorted()
  t.strictSame(subjects(await received('anna', 3)), all)
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
  t.match(text, /^kontor_mails_waiting 3$/m)
  t.match(text, /^kontor_mails_oldest_seconds [\d.]+$/m)
  const other = await kontor.another()
  await until(
    () => db.selectFrom('mails').select('id').where('created_at', '<=', old).execute(),
    (mails) => mails.length === 0,
  )
  t.pass('old mails are deleted')
  t.equal(server.to(mailOf('olga')).length, 2, 'no second mail of the same')
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
    server
      .to(mailOf('lena'))
      .map(({ headers }) => headers.get('subject') ?? '')
      .toSorted(),
    numbers.map((number) => `Bestellung ${number} ist bereit`).toSorted(),
  )
  t.equal((await admin('POST', `/api/mail/${mails[0]?.id}/retry`)).status, 409, 'sent already')
})

t.test('an address that the server refuses for ever harms no other mail', async (t) => {
  const rita = await orderer('rita')
  const otto = await orderer('otto')
  server.refused.add(mailOf('rita'))
  await Promise.all([order(rita), order(otto)])
  const [failed] = await ended(rita)
  t.match(failed, { state: 'failed', attempts: 1, reason: /^EENVELOPE: .*550 / })
  t.notMatch(failed?.reason, 'stadt.example', 'no address')
  t.equal((await received('otto')).length, 1)
  const { text } = await caller(kontor.url, {})('GET', '/metrics')
  t.match(text, /^kontor_mails_failed 1$/m)
  server.refused.clear()
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

t.test('nothing is sent in clear where STARTTLS is required', async (t) => {
  const other = await startMailServer(t)
  const settings = readConfig({
    KONTOR_SMTP_URL: `smtp://127.0.0.1:${other.port}`,
    KONTOR_SMTP_TLS: 'required',
    KONTOR_MAIL_FROM: 'kontor@verwaltung.example',
    KONTOR_PUBLIC_URL: 'https://kontor.example',
  }).mail
  if (settings === undefined) return t.fail('no settings')
  const send = openSmtp(settings, () => {})
  const facts = { kind: 'invitation', invitation: '1', organisation: 'stadt' } as const
  const mail = { id: '1', facts, createdAt: new Date() }
  const to = { address: mailOf('erika'), name: null, language: 'de' } as const
  const { signal } = new AbortController()
  await t.rejects(send(compose(settings, mail, to), signal), {
    message: /ETLS|STARTTLS/,
    isFinal: false,
  })
  t.strictSame(other.mails, [])
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
