// What goes on after the submission: changes, upgrades, the end and the timeline.
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { sql } from 'kysely'
import t from 'tap'
import { findLink } from '../../src/audit/reading/store.ts'
import { newId } from '../../src/ids.ts'
import { checkCertificate } from '../../src/orders/certificate/deletion-certificate.ts'
import { claimMs } from '../../src/orders/claims/claim.ts'
import { adoptKeyRing } from '../../src/vault/adopt-key-ring.ts'
import { canonicalJson } from '../../src/vault/canonical-json.ts'
import { makeDigest } from '../../src/vault/digest-keys/digest.ts'
import { parseKeyRing } from '../../src/vault/key-ring.ts'
import { activeKeys, makeVault } from '../../src/vault/vault.ts'
import { acceptRows } from '../support/accept-rows.ts'
import { asOwner } from '../support/as-owner.ts'
import { runKontor } from '../support/kontor-command.ts'
import { caller, here, until } from '../support/kontor.ts'
import { createPlatform } from '../tenancy/platforms.ts'
import { shopCatalog, startShop, wanted } from './shop.ts'

const { kontor, nord, person, tokenOf } = await startShop(t)
const { db } = kontor.running.runtime
const erika = await person('erika', 'stadt')
const max = await person('max', 'stadt', 'viewer')
const otto = await person('otto', 'land')
const dora = await person('dora', 'dorf')

const order = async (more: object = {}) => {
  const { body } = await erika('POST', '/api/orders', { ...wanted, ...more })
  const reply = await erika('POST', `/api/orders/${body.number}/submit`, {})
  if (reply.status !== 200) throw new Error(reply.text)
  return { path: `/api/orders/${body.number}`, order: reply.body }
}
const codes = async (path: string): Promise<string[]> =>
  (await erika('GET', `${path}/timeline`)).body.entries.map(
    ({ code, values }: { code: string; values: { kind?: string } }) =>
      values.kind === undefined ? code : `${code} ${values.kind}`,
  )
const progressOf = (path: string) => async () => (await erika('GET', path)).body.progress as string
const atProvider = (plan: string) =>
  nord.simulator.state().instances.filter(({ plan_id: id }) => id === `nord-${plan}`).length

t.test('a change of plan and parameters goes through the verb of platforms', async (t) => {
  const { path } = await order()
  const before = atProvider('large')
  const key = { 'idempotency-key': 'change' }
  const changed = await erika('POST', `${path}/change`, { plan: 'large' }, key)
  t.match(changed.body, { progress: 'ready' }, changed.text)
  t.equal(atProvider('large'), before + 1)
  t.equal((await erika('POST', `${path}/change`, { plan: 'large' }, key)).status, 200)
  t.equal((await erika('POST', `${path}/change`, { plan: 'small' }, key)).status, 409)
  const own = await otto('POST', `${path}/change`, { plan: 'small' }, key)
  t.equal(own.status, 200, 'keys are of a person')
  t.equal(atProvider('large'), before, own.text)
  t.equal((await otto('POST', `${path}/change`, { plan: 'large' }, key)).status, 409)
  t.equal((await erika('POST', `${path}/change`, { plan: 'no-such' })).status, 400)
  t.equal((await max('POST', `${path}/change`, { plan: 'small' })).status, 403)
  t.equal((await dora('POST', `${path}/change`, { plan: 'small' })).status, 404)
  t.equal((await erika('POST', `${path}/upgrade`)).status, 409, 'nothing to upgrade')
  t.strictSame(await codes(path), [
    'drafted',
    'submitted',
    'operation-begun provision',
    'operation-succeeded provision',
    'change-requested',
    'operation-begun update',
    'operation-succeeded update',
    'change-requested',
    'operation-begun update',
    'operation-succeeded update',
  ])
  const { body } = await max('GET', `${path}/timeline`)
  t.match(body.entries[7], { by: { name: 'otto' } })
  t.match(body.entries[1], { by: { name: 'erika' }, operation: null })
  t.match(body, { progress: 'ready', expectedEnd: null })
  t.equal((await dora('GET', `${path}/timeline`)).status, 404)
})

t.test('the timeline of an instance has its order, and tells a doubt that is over', async (t) => {
  const { path, order: made } = await order()
  nord.simulator.faults.add({ on: 'update', times: 1, do: { status: 500 } })
  await erika('POST', `${path}/change`, { plan: 'large' })
  await until(progressOf(path), (progress) => progress === 'ready')
  const { body: found } = await erika('GET', `/api/instances?instanceId=${made.instance.id}`)
  const at = `/api/instances/${found.items[0].id}/timeline`
  const { body } = await max('GET', at)
  t.match(body, { order: made.number, isUnderWay: false, expectedEnd: null })
  t.strictSame(body.entries, (await erika('GET', `${path}/timeline`)).body.entries)
  t.match(
    body.entries.map(({ code }: { code: string }) => code),
    ['drafted', 'submitted', /begun/, /succeeded/, /requested/, /begun/, /in-doubt/, /failed/],
  )
  t.match(body.entries[1], { by: { name: 'erika' } })
  t.notOk('platform' in body.entries[2].values, 'ordered by a person')
  t.equal((await dora('GET', at)).status, 404)
})

t.test('an upgrade of maintenance, and a refused change, are in the history', async (t) => {
  const { path } = await order()
  nord.simulator.setCatalog(shopCatalog('19.90', '2.0.0'))
  await kontor.admin('POST', `/api/providers/${nord.view.id}/refresh`)
  const upgraded = await erika('POST', `${path}/upgrade`)
  t.equal(upgraded.status, 200, upgraded.text)
  nord.simulator.faults.add({ on: 'update', times: 1, do: { status: 400 } })
  t.equal((await erika('POST', `${path}/change`, { parameters: { users: 7 } })).status, 400)
  const { body } = await erika('GET', `${path}/timeline`)
  const refused = body.entries.find(({ code }: { code: string }) => code === 'request-refused')
  t.match(refused, { by: null, values: { code: 'rejected' } })
  t.match((await erika('GET', path)).body, { progress: 'ready' })
})

t.test('a cancellation ends the instance when its terms allow, or at once', async (t) => {
  const { path, order: made } = await order()
  const effects = await erika('GET', `${path}/cancellation`)
  t.match(effects.body, { noticeDays: 30, minimumTermMonths: 3, cancelled: false }, effects.text)
  const { endsAt } = effects.body as { endsAt: string }
  t.equal(endsAt.slice(0, 10), monthsLater(made.submittedAt, 3))
  const end = (name: string, when: string) =>
    erika('POST', `${path}/cancellation`, { instanceName: name, when })
  t.match(await end(wanted.instanceName.toLowerCase(), 'end-date'), {
    status: 400,
    body: { detail: /instance\.name: upper and lower case/ },
  })
  const cancelled = await end(wanted.instanceName, 'end-date')
  t.match(cancelled.body, { progress: 'ready', endsAt: /^\d/ }, cancelled.text)
  t.equal((await end(wanted.instanceName, 'end-date')).status, 409)
  t.equal((await max('DELETE', `${path}/cancellation`)).status, 403)
  t.match((await erika('DELETE', `${path}/cancellation`)).body, { endsAt: null })
  t.equal((await erika('DELETE', `${path}/cancellation`)).status, 409)
  await end(wanted.instanceName, 'end-date')
  // Its day has come.
  const past = new Date(Date.now() - 1_000)
  const row = db.updateTable('orders').where('number', '=', made.number)
  await row.set({ end_at: past, end_due_at: past }).execute()
  await until(progressOf(path), (progress) => progress === 'ended')
  t.strictSame((await codes(path)).slice(-5), [
    'cancelled',
    'cancellation-withdrawn',
    'cancelled',
    'operation-begun deprovision',
    'operation-succeeded deprovision',
  ])
  const other = await order()
  const now = { instanceName: wanted.instanceName, when: 'now' }
  t.match((await erika('POST', `${other.path}/cancellation`, now)).body, { progress: 'ended' })
  t.equal((await erika('POST', `${other.path}/cancellation`, now)).status, 409)
})

t.test('a deletion certificate says what is gone, and who says so', async (t) => {
  const { path, order: made } = await order()
  const at = `${path}/deletion-certificate`
  t.equal((await erika('GET', at)).status, 409, 'not before the end')
  const end = { instanceName: wanted.instanceName, when: 'now' }
  const ended = async (to: string) => {
    await erika('POST', `${to}/cancellation`, end)
    await until(progressOf(to), (progress) => progress === 'ended')
    return until(
      () => max('GET', `${to}/deletion-certificate`),
      ({ status }) => status === 200,
    )
  }
  const { body } = await ended(path)
  t.match(body, {
    number: made.number,
    organisation: { name: 'stadt' },
    instance: { name: wanted.instanceName },
    endedBy: { name: 'erika' },
    confirmedBy: 'answer',
    retainDays: 14,
    digest: /^[0-9a-f]{64}$/,
  })
  t.strictSame(body.unproven, unprovenNames)
  const { digest, seal: _seal, ...content } = body
  const sum = createHash('sha256').update(JSON.stringify(content, sortedKeys)).digest('hex')
  t.equal(sum, digest, 'as everybody can compute it')
  const { body: log } = await kontor.admin('GET', `/api/audit/events?objectId=${made.instance.id}`)
  const [event] = log.items
  t.match(event, { action: 'instance.deprovision', outcome: 'succeeded' })
  t.match(body.audit, { id: event.id, position: event.position, hash: event.hash })
  t.equal((await dora('GET', at)).status, 404)
  const check = async (certificate: object) =>
    (await max('POST', '/api/deletion-certificates/check', certificate)).body.isValid
  t.equal(await check(body), true)
  t.equal(await check({ ...body, deletedAt: '2020-01-01T00:00:00.000Z' }), false)
  t.equal(await check({ ...body, seal: digest }), false)
  t.equal(await check({ ...body, seal: `${body.seal}x` }), false)

  const other = await order()
  nord.simulator.faults.add({ on: 'deprovision', when: 'after', do: { status: 500 } })
  t.equal((await ended(other.path)).body.confirmedBy, 'answer', 'to its repetition')
  await asOwner(t, kontor)
    .transaction()
    .execute(async (tx) => {
      await sql`set local session_replication_role = 'replica'`.execute(tx)
      await sql`update audit_events set details = details || '{"confirmedBy": "poll"}'
        where object_id = ${other.order.instance.id} and action = 'instance.deprovision'`.execute(
        tx,
      )
    })
  const forged = await erika('GET', `${other.path}/deletion-certificate`)
  t.equal(forged.status, 503, 'no certificate from an event that was changed in SQL')

  const file = `${t.testdir()}/certificate.json`
  const environment = { KONTOR_URL: kontor.url, KONTOR_TOKEN: await tokenOf('erika') }
  const printed = await runKontor(['order', 'certificate', made.number, '--json'], environment)
  await writeFile(file, printed.stdout)
  const checked = await runKontor(['order', 'check-certificate', file], environment)
  t.match(checked.stdout, 'It is as Kontor issued it.')
})

const unprovenNames = [
  'organisation.name',
  'beneficiary.name',
  'provider.displayName',
  'offering.name',
  'offering.displayName',
  'plan.name',
  'plan.displayName',
  'instance.name',
  'endedBy.name',
]

t.test('a deletion that an operator abandoned has no certificate', async (t) => {
  const { path, order: made } = await order()
  const id = nord.simulator.faults.add({ on: 'deprovision', times: 0, do: { status: 500 } })
  t.teardown(() => nord.simulator.faults.clear(id))
  await erika('POST', `${path}/cancellation`, { instanceName: wanted.instanceName, when: 'now' })
  const { id: operation } = await db
    .selectFrom('operations')
    .select('id')
    .where(
      'instance_id',
      '=',
      sql<string>`(select instance_id from orders where number = ${made.number})`,
    )
    .where('kind', '=', 'deprovision')
    .executeTakeFirstOrThrow()
  const abandoned = await kontor.admin('POST', `/api/operations/${operation}/abandon`, {
    reason: 'The provider has gone.',
  })
  t.equal(abandoned.status, 200, abandoned.text)
  t.equal(await progressOf(path)(), 'ended')
  const refused = await until(
    () => erika('GET', `${path}/deletion-certificate`),
    ({ headers }) => headers['retry-after'] === undefined,
  )
  t.match(refused, { status: 409, body: { detail: /nothing says that the provider/ } })
})

t.test('a certificate needs an order that is as its events say', async (t) => {
  const owner = asOwner(t, kontor)
  const end = { instanceName: wanted.instanceName, when: 'now' }
  const [running, ended] = [await order(), await order()]
  await erika('POST', `${ended.path}/cancellation`, end)
  const certificate = () => erika('GET', `${ended.path}/deletion-certificate`)
  const { body } = await until(certificate, ({ status }) => status === 200)
  const row = (number: string) => owner.updateTable('orders').where('number', '=', number)
  const { number } = ended.order
  const mine = ended.order.instance.id
  const other = running.order.instance.id
  const swapped = row(running.order.number).set({ instance_id: mine })
  await row(number)
    .set({ instance_id: newId(new Date()) })
    .execute()
  await swapped.execute()
  const ofRunning = await erika('GET', `${running.path}/deletion-certificate`)
  t.equal(ofRunning.status, 503, 'the instance of another order')
  await row(running.order.number).set({ instance_id: other }).execute()
  await row(number).set({ instance_id: mine }).execute()
  t.equal((await certificate()).status, 200)
  const { id } = (await max('GET', '/api/people/me')).body
  await row(number).set({ ended_by: id }).execute()
  t.equal((await certificate()).status, 503, 'another person')
  await row(number).set({ ended_by: body.endedBy.id }).execute()
  const days = sql<string>`jsonb_set(shown::jsonb, '{terms,retainDays}', '1')`
  await row(number).set({ shown: days }).execute()
  t.equal((await certificate()).status, 503, 'other terms')

  // A digest key that was retired, because it leaked, after this certificate was sealed.
  const ring = parseKeyRing(kontor.environment['KONTOR_KEYS'] ?? '')
  const adopted = await adoptKeyRing(owner, ring)
  const [key] = adopted.digests.all.values()
  if (key === undefined) throw new Error('There is no digest key.')
  const retiredAt = await findLink(owner)
  const all = new Map([[key.id, { ...key, retiredAt }]])
  const keys = activeKeys(ring, { ...adopted, digests: { ...adopted.digests, all } })
  const deps = { ...kontor.running.runtime, db: owner, vault: makeVault(owner, () => keys) }
  const kept = await checkCertificate(deps, body)
  t.strictSame(kept, { isValid: true, unproven: unprovenNames }, 'the audit log says the same')
  const sealed = ({ digest: _digest, seal: _seal, ...content }: typeof body) => ({
    ...content,
    digest: createHash('sha256').update(canonicalJson(content)).digest('hex'),
    seal: makeDigest(key, content, 'deletion certificate').toString('hex'),
  })
  t.equal((await checkCertificate(deps, sealed({ ...body, unproven: [] }))).isValid, true)
  for (const forged of [{ deletedAt: '2020-01-01T00:00:00.000Z' }, { retainDays: 1 }])
    t.equal((await checkCertificate(deps, sealed({ ...body, ...forged }))).isValid, false)
  const { seal } = sealed(body)
  t.equal(seal, body.seal, 'a thief makes the same seal')
})

t.test('orders as CSV are whole and harmless, and a command with a key orders once', async (t) => {
  const environment = { KONTOR_URL: kontor.url, KONTOR_TOKEN: await tokenOf('erika') }
  const command = (...args: string[]) => runKontor(['order', ...args], environment)
  const made = async () => {
    const { stdout } = await command(
      'draft',
      wanted.offering,
      wanted.plan,
      '--organisation',
      'stadt',
      '--instance-name',
      '=cmd()',
      '--idempotency-key',
      'once',
      '--json',
    )
    return JSON.parse(stdout) as { number: string }
  }
  const { number } = await made()
  t.equal((await made()).number, number, 'the same draft')
  const other = await command('again', number, '--idempotency-key', 'more', '--json')
  const again = await command('again', number, '--idempotency-key', 'more', '--json')
  t.equal(JSON.parse(again.stdout).number, JSON.parse(other.stdout).number)
  const { headers, text } = await max('GET', '/api/orders?format=csv&state=draft&q=cmd')
  t.match(headers, {
    'content-type': /^text\/csv/,
    'content-disposition': 'attachment; filename="kontor-orders.csv"',
  })
  const lines = text.trimEnd().split('\r\n')
  t.match(lines[0], /^number,state,progress,organisation,orderedBy,/)
  t.equal(lines.length, 3)
  t.match(lines[2], `${number},draft,draft,stadt,erika,nord,nord-chat,small,EUR,19.90,`)
  t.match(lines[2], ",'=cmd(),", 'no formula')
  t.equal((await command('list', '--state', 'draft', '--search', 'cmd', '--csv')).stdout, text)
  const foreign = await dora('GET', '/api/orders?format=csv')
  t.equal(foreign.text.trimEnd().split('\r\n').length, 1, 'only the head')
})

t.test('an end that fails at the provider is repeated, by Kontor or by a person', async (t) => {
  const failOperation = { description: 'Still in use.', instance_usable: true }
  const cancelled = async () => {
    const made = await order()
    nord.simulator.faults.add({ on: 'deprovision', times: 1, do: { failOperation } })
    const now = { instanceName: wanted.instanceName, when: 'now' }
    await erika('POST', `${made.path}/cancellation`, now)
    await until(progressOf(made.path), (progress) => progress === 'ready')
    return made
  }
  const { path } = await cancelled()
  t.equal((await erika('DELETE', `${path}/cancellation`)).status, 409, 'its day has come')
  const again = { instanceName: wanted.instanceName, when: 'end-date' }
  t.match((await erika('POST', `${path}/cancellation`, again)).body, { progress: 'ended' })
  const delayed = async (what: string) =>
    (await kontor.admin('GET', '/metrics')).text.match(
      new RegExp(`^kontor_orders_delayed\\{what="${what}"\\} (\\d+)$`, 'm'),
    )?.[1]
  t.strictSame([await delayed('provision'), await delayed('end')], ['0', '0'])
  const other = await cancelled()
  const long = { end_at: new Date(Date.now() - 400_000) }
  await db.updateTable('orders').set(long).where('number', '=', other.order.number).execute()
  t.equal(await delayed('end'), '1', 'its end was promised for five minutes ago')
  const row = db.updateTable('orders').where('number', '=', other.order.number)
  const due = row.set({ end_due_at: new Date() }).where('end_due_at', 'is not', null)
  t.equal((await due.executeTakeFirst()).numUpdatedRows, 1n, 'it is repeated')
  await until(progressOf(other.path), (progress) => progress === 'ended')
})

t.test('a refused end is in the history, and a repeated request changes nothing', async (t) => {
  const { path } = await order()
  const { endsAt } = (await erika('GET', `${path}/cancellation`)).body as { endsAt: string }
  const ending = { instanceName: wanted.instanceName, when: 'end-date', endsAt }
  const cancel = (body: object, key: string) =>
    erika('POST', `${path}/cancellation`, body, { 'idempotency-key': key })
  const early = { ...ending, endsAt: '2026-01-01T00:00:00.000Z' }
  t.equal((await cancel(early, 'early')).status, 409, 'another day than the one that was read')
  for (const time of ['first', 'second']) t.equal((await cancel(ending, 'end')).status, 200, time)
  t.equal((await cancel({ ...ending, when: 'now' }, 'end')).status, 409, 'another request')
  const key = { 'idempotency-key': 'keep' }
  for (const time of ['first', 'second'])
    t.equal((await erika('DELETE', `${path}/cancellation`, undefined, key)).status, 200, time)
  nord.simulator.faults.add({ on: 'deprovision', times: 2, do: { status: 400 } })
  const now = { ...ending, when: 'now' }
  for (const each of ['one', 'two']) t.equal((await cancel(now, each)).status, 200)
  const all = await codes(path)
  t.strictSame(all.filter((code) => !code.startsWith('operation')).slice(2), [
    'cancelled',
    'cancellation-withdrawn',
    'cancelled',
    'request-refused',
    'cancelled',
    'request-refused',
  ])
  const query = 'action=order.request-refused&outcome=failed'
  const { items } = (await kontor.admin('GET', `/api/audit/events?${query}`)).body
  t.match(items[0], { objectKind: 'order', details: { code: 'rejected' } })
  t.match((await cancel(now, 'three')).body, { progress: 'ended' })
  t.match((await cancel(now, 'three')).body, { progress: 'ended' }, 'and once more')
})

t.test(
  'a process that dies over a submission loses nothing, and orders nothing twice',
  async (t) => {
    const { body } = await erika('POST', '/api/orders', wanted)
    const before = nord.simulator.state().instances.length
    // As the process leaves it that is killed between the row and the provision.
    await db
      .updateTable('orders')
      .set({
        state: 'submitted',
        submitted_at: new Date(),
        submitted_by: body.orderedBy.id,
        claims: 1,
        due_at: new Date(Date.now() + claimMs),
      })
      .where('number', '=', body.number)
      .execute()
    const path = `/api/orders/${body.number}`
    t.match((await erika('GET', path)).body, { state: 'submitted', progress: 'submitted' })
    t.match(
      (await erika('POST', `${path}/submit`, {})).body,
      { progress: 'submitted' },
      'not its own',
    )
    const lease = db.updateTable('orders').where('number', '=', body.number)
    await lease.set({ due_at: new Date() }).execute()
    await until(progressOf(path), (progress) => progress === 'ready')
    // And one that is killed after the provision.
    await lease.set({ due_at: new Date() }).execute()
    const dueOf = async () =>
      (
        await db
          .selectFrom('orders')
          .select('due_at')
          .where('number', '=', body.number)
          .executeTakeFirstOrThrow()
      ).due_at
    await until(dueOf, (at) => at === null)
    t.equal(nord.simulator.state().instances.length, before + 1)
  },
)

t.test('bindings are made and deleted by the verbs of platforms', async (t) => {
  const { path } = await order()
  const key = { 'idempotency-key': 'bind' }
  const made = await erika('POST', `${path}/bindings`, {}, key)
  t.equal(made.status, 201, made.text)
  t.strictSame(Object.keys(made.body), ['number', 'id'], 'no credentials')
  t.strictSame((await erika('POST', `${path}/bindings`, {}, key)).body, made.body)
  t.equal((await max('POST', `${path}/bindings`, {})).status, 403)
  t.equal((await dora('POST', `${path}/bindings`, {})).status, 404)
  const bound = () => nord.simulator.state().instances.at(-1)?.bindings.length
  t.equal(bound(), 1)
  // As the process leaves it that is killed between the entry and the bind.
  const again = { 'idempotency-key': 'killed' }
  const killed = await erika('POST', `${path}/bindings`, {}, again)
  await db
    .updateTable('operations')
    .set({ request_identity: null })
    .where('binding_id', '=', killed.body.id)
    .execute()
  const sent = await erika('POST', `${path}/bindings`, {}, again)
  t.strictSame(sent.body, killed.body, 'the same binding')
  t.equal(bound(), 2)
  t.equal((await erika('DELETE', `${path}/bindings/${made.body.id}`)).status, 204)
  t.equal((await erika('DELETE', `${path}/bindings/none`)).status, 410)
  t.equal(bound(), 1)
  t.strictSame(
    (await codes(path)).filter((code) => code.endsWith('requested')),
    ['binding-requested', 'binding-requested', 'unbind-requested', 'unbind-requested'],
  )
})

t.test('credentials are revealed to orderers, of what people ordered here only', async (t) => {
  const { path, order: made } = await order()
  const bound = await erika('POST', `${path}/bindings`, {})
  const kontorsId = async (bindingId: string) =>
    (await kontor.admin('GET', `/api/bindings?bindingId=${bindingId}`)).body.items[0].id as string
  const id = await kontorsId(bound.body.id)
  const at = `/api/bindings/${id}/credentials`
  const revealed = await erika('POST', at)
  t.equal(revealed.status, 200, revealed.text)
  const atProvider = nord.simulator
    .state()
    .instances.flatMap(({ bindings }) => bindings)
    .at(-1)
  t.ok(atProvider, 'bound')
  t.equal(revealed.headers['cache-control'], 'no-store')
  t.ok(Object.keys(revealed.body.credentials).length > 0, revealed.text)
  const audited = async () => {
    const query = 'action=credentials.revealed'
    return (await kontor.admin('GET', `/api/audit/events?${query}`)).body.items as unknown[]
  }
  t.match((await audited())[0], {
    actor: /erika/,
    objectKind: 'binding',
    objectId: bound.body.id,
    outcome: 'succeeded',
    instanceId: made.instance.id,
  })
  const times = (await audited()).length
  t.equal((await max('POST', at)).status, 403, 'a viewer')
  t.equal((await dora('POST', at)).status, 404, 'another organisation')
  t.equal((await kontor.admin('POST', at)).status, 403, 'the admin token is no person')
  const issue = async (access: string) => {
    const { body } = await erika('POST', '/api/tokens', { name: access, access, expiresInDays: 1 })
    return caller(kontor.url, { authorization: `Bearer ${body.token}` })
  }
  t.equal((await (await issue('read'))('POST', at)).status, 403, 'a token that only reads')
  t.equal((await audited()).length, times, 'nothing was shown')
  t.equal((await (await issue('full'))('POST', at)).status, 200, 'one that also orders')
  t.equal((await audited()).length, times + 1, 'each time is recorded')

  const platform = await createPlatform(kontor, 'cloud', { organisation: 'stadt' })
  const chat = await kontor.find('nord', 'chat', 'small')
  const instance = '/v2/service_instances/elsewhere'
  await platform.call('PUT', instance, { ...chat, ...here, parameters: { users: 1 } })
  await platform.call('PUT', `${instance}/service_bindings/elsewhere`, chat)
  const elsewhere = `/api/bindings/${await kontorsId('elsewhere')}/credentials`
  const refused = await erika('POST', elsewhere)
  t.match([refused.status, refused.body.detail], [403, /through the platform "cloud"/])
  await erika('DELETE', `${path}/bindings/${bound.body.id}`)
  t.equal((await erika('POST', at)).status, 404, 'a deleted one')

  const again = await erika('POST', `${path}/bindings`, {})
  const environment = { KONTOR_URL: kontor.url, KONTOR_TOKEN: await tokenOf('erika') }
  const shown = await runKontor(
    ['binding', 'credentials', await kontorsId(again.body.id)],
    environment,
  )
  t.match(JSON.parse(shown.stdout), { bindingId: again.body.id })
})

t.test('a refused request that is sent again with its key is refused again', async (t) => {
  const { path } = await order()
  const refuse = (on: 'bind' | 'update') => {
    nord.simulator.faults.add({ on, times: 1, do: { status: 400 } })
  }
  for (const [on, url, body] of [
    ['update', `${path}/change`, { plan: 'large' }],
    ['bind', `${path}/bindings`, {}],
  ] as const) {
    refuse(on)
    const first = await erika('POST', url, body, { 'idempotency-key': on })
    const again = await erika('POST', url, body, { 'idempotency-key': on })
    t.equal(first.status, 400, first.text)
    t.match(again, { status: 400, body: { detail: first.body.detail } }, on)
    const last = (await codes(path)).slice(-2)
    t.match(last, [/^operation-failed/, /^request-refused/], 'nothing is written by it')
  }
})

t.test('what only the provision finds makes the order a draft again', async (t) => {
  const { body } = await erika('POST', '/api/orders', wanted)
  const path = `/api/orders/${body.number}`
  const before = nord.simulator.state().instances.length
  const setting = { organisation: 'stadt', instances: 0 }
  const { body: quota } = await kontor.admin('PUT', '/api/quotas', setting)
  // The dry run had passed before the quota was set.
  await db
    .updateTable('orders')
    .set({ state: 'submitted', submitted_by: body.orderedBy.id, claims: 1, due_at: new Date() })
    .where('number', '=', body.number)
    .execute()
  const read = async () => (await erika('GET', path)).body
  const returned = await until(read, ({ state }) => state === 'draft')
  t.match(returned.problems, [{ code: 'quota_exceeded', field: null }])
  t.equal((await codes(path)).at(-1), 'returned')
  t.equal((await erika('POST', `${path}/submit`, {})).status, 422)
  await kontor.admin('DELETE', `/api/quotas/${quota.id}`)
  const submitted = await erika('POST', `${path}/submit`, {})
  t.match([submitted.body.progress, submitted.body.problems.length], ['ready', 0])
  t.equal(nord.simulator.state().instances.length, before + 1)
})

t.test('of two orders for the last place of a quota one is refused, with the reason', async (t) => {
  const doro = await person('doro', 'dorf')
  const setting = { organisation: 'dorf', instances: 1 }
  const { body: quota } = await kontor.admin('PUT', '/api/quotas', setting)
  const made = async () => {
    const draft = { ...wanted, organisation: 'dorf', costCentre: null }
    const { body } = await doro('POST', '/api/orders', draft)
    // As a colleague leaves it who changes the draft as soon as it is one again.
    const later = new Date(Date.now() + 3_600_000)
    await db
      .insertInto('order_events')
      .values({ id: newId(later), order_id: body.id, at: later, kind: 'changed' })
      .execute()
    return body.number as string
  }
  const numbers = [await made(), await made()]
  const bothOrders = db.selectFrom('orders').select('state').where('number', 'in', numbers)
  const answers = await asOwner(t, kontor)
    .transaction()
    .execute(async (tx) => {
      // Reads go on and writes wait, so both pass the dry run before either is written.
      await sql`lock table operations in exclusive mode`.execute(tx)
      const sent = numbers.map((number) => doro('POST', `/api/orders/${number}/submit`, {}))
      await until(
        () => bothOrders.execute(),
        (rows) => rows.every(({ state }) => state === 'submitted'),
      )
      return sent
    })
  const replies = await Promise.all(answers)
  const [ordered, refused] = replies.toSorted((a, b) => a.status - b.status)
  t.match([ordered?.status, refused?.status], [200, 422])
  t.match(refused?.body, {
    detail: /./,
    problems: [{ code: 'quota_exceeded', field: null, detail: /./ }],
  })
  await kontor.admin('DELETE', `/api/quotas/${quota.id}`)
})

t.test('a row that was changed in SQL leads to no instance of another one', async (t) => {
  const { order: theirs } = await order()
  const draft = { ...wanted, organisation: 'dorf', costCentre: null }
  const dorfs = await person('dirk', 'dorf')
  const { body } = await dorfs('POST', '/api/orders', draft)
  const change = (number: string, values: object) =>
    db.updateTable('orders').set(values).where('number', '=', number).execute()
  await change(theirs.number, { instance_id: `${theirs.instance.id}-moved` })
  await change(body.number, { state: 'submitted', instance_id: theirs.instance.id })
  const path = `/api/orders/${body.number}`
  t.match((await dorfs('GET', path)).body, { state: 'submitted', progress: 'submitted' })
  t.equal((await dorfs('POST', `${path}/bindings`, {})).status, 409)
  t.equal((await dorfs('POST', `${path}/change`, { plan: 'large' })).status, 409)
  t.equal((await dorfs('GET', `${path}/timeline`)).body.entries.length, 1)
})

t.test('the console platform takes no credentials and is retired with its owner', async (t) => {
  const made = { name: 'gone', displayName: 'Gone', level: 'kommune' }
  await kontor.admin('POST', '/api/organisations', made)
  const gil = await person('gil', 'gone')
  await gil('POST', '/api/orders', { ...wanted, organisation: 'gone', costCentre: null })
  const listed = async (query: string) =>
    (await kontor.admin('GET', `/api/platforms?organisation=gone${query}`)).body.items
  const [ours] = await listed('&kind=console')
  t.match(ours, { kind: 'console', state: 'active' })
  t.strictSame(await listed(''), [])
  const path = `/api/platforms/${ours.id}`
  const issued = await kontor.admin('POST', `${path}/credentials`, { kind: 'basic' })
  t.match([issued.status, issued.body.detail], [409, /takes no credentials/])
  // As a process of a release that does not know consoles leaves it.
  const issuedElsewhere = await createPlatform(kontor, 'elsewhere', { organisation: 'dorf' })
  t.equal((await issuedElsewhere.call('GET', '/v2/catalog')).status, 200)
  const { id: elsewhere } = (await kontor.admin('GET', '/api/platforms/elsewhere')).body
  const moved = db.updateTable('platform_credentials').where('platform_id', '=', elsewhere)
  await moved.set({ platform_id: ours.id }).execute()
  await acceptRows(db, 'platform_credentials')
  await kontor.running.runtime.refresh()
  t.equal((await issuedElsewhere.call('GET', '/v2/catalog')).status, 401, 'lets no one in')
  t.equal((await kontor.admin('PATCH', path, { kind: 'other' })).status, 409)
  const mapping = `${path}/mappings/cf_organization/x`
  t.equal((await kontor.admin('PUT', mapping, { organisation: 'stadt' })).status, 409)
  t.equal((await kontor.admin('POST', `${path}/retire`, { reason: 'x' })).status, 409)
  const retired = await kontor.admin('POST', '/api/organisations/gone/retire', { reason: 'x' })
  t.ok(retired.status < 300, retired.text)
  t.match((await kontor.admin('GET', path)).body, { state: 'retired' })
})

function monthsLater(from: string, months: number): string {
  const date = new Date(from)
  const day = date.getUTCDate()
  date.setUTCMonth(date.getUTCMonth() + months)
  // Three months after 30 November is the last day of February.
  if (date.getUTCDate() !== day) date.setUTCDate(0)
  return date.toISOString().slice(0, 10)
}

/** A replacer for JSON.stringify. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
