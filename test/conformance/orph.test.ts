// OSB 2.17 "Orphan Mitigation", row by row, through the whole Kontor: the platform orders, a fault
// spoils the provider's answer, and then the provider's log and state and Kontor's rows must agree.
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import type { FaultAction, OperationKind } from '../../tools/simulator/types.ts'
import { agree } from '../faults/invariants.ts'
import { asOwner } from '../support/as-owner.ts'
import { startKontor, until } from '../support/kontor.ts'
import { openSite, pathsOf, type Site } from './site.ts'

const kontor = await startKontor(t)
// A busy machine must not cause a timeout: only providers that hang on purpose get short limits.
const hasty = { timeoutSeconds: 1 }
const patient = { timeoutSeconds: 20 }
const kinds = ['provision', 'update', 'deprovision', 'bind', 'unbind'] as const

t.jobs = 6
const row = (name: string, body: (t: Test) => Promise<void>) => {
  void t.test(name, { buffered: true }, body)
}

let sites = 0
const open = (
  mode: 'sync' | 'async',
  more: Parameters<typeof openSite>[3] = {},
  name = `site-${++sites}`,
) => openSite(kontor, name, mode, { settings: patient, ...more })
const each = <One>(list: readonly One[], body: (one: One) => Promise<unknown>) =>
  Promise.all(list.map(body))

interface Struck {
  readonly kind: OperationKind
  readonly mode: 'sync' | 'async'
  readonly action: FaultAction
  readonly when?: 'before' | 'after'
}

interface Aftermath {
  readonly site: Site
  readonly status: number
  readonly state: string | undefined
  /** DELETEs at the provider for the order's instance and binding, beyond the ordered ones. */
  readonly removals: number
  readonly isInForce: boolean
}

/** Spoils one order with a fault. */
async function spoil(t: Test, { kind, mode, action, when = 'before' }: Struck): Promise<Aftermath> {
  const site = await open(mode, 'hang' in action ? { settings: hasty } : {})
  await site.prepare(kind)
  site.strike(kind, action, when)
  const { first, last } = await site.order(kind)
  const rows = await site.settle()
  agree(t, rows, site.simulator)
  const deletes = site.requests('DELETE').length
  const ordered = kind === 'deprovision' || kind === 'unbind' ? 1 : 0
  const things = kind === 'bind' || kind === 'unbind' ? rows.bindings : rows.instances
  const isThere = things.some(({ state }) => state === 'ready')
  return {
    site,
    status: first.status,
    state: last?.status === 200 ? last.body.state : undefined,
    removals: deletes - ordered,
    isInForce:
      ordered === 1
        ? !isThere
        : kind === 'update'
          ? rows.instances.some((instance) => instance.upstream_plan_id.endsWith('large'))
          : isThere,
  }
}

/** A failed create: Kontor sends a DELETE, and nothing is left after the provider's answer. */
async function isMitigated(t: Test, struck: Struck, status: number): Promise<void> {
  const name = `${struck.kind}, ${struck.mode}, ${JSON.stringify(struck.action)}, ${struck.when ?? 'before'} acting`
  const { site, status: answered, state, removals, isInForce } = await spoil(t, struck)
  t.equal(answered, status, name)
  if (status === 202) t.equal(state, 'failed', name)
  t.ok(removals >= 1, `${name}: Kontor sends a DELETE`)
  t.equal(isInForce, false, name)
  const left = site.simulator.state().instances
  t.strictSame(
    struck.kind === 'provision' ? left : left.flatMap(({ bindings }) => bindings),
    [],
    `${name}: nothing is left there`,
  )
}

/** A failure after which nothing is removed. */
async function isLeftAlone(t: Test, struck: Struck, status: number): Promise<Aftermath> {
  const name = `${struck.kind}, ${struck.mode}, ${JSON.stringify(struck.action)}, ${struck.when ?? 'before'} acting`
  const aftermath = await spoil(t, struck)
  t.equal(aftermath.status, status, name)
  t.equal(aftermath.removals, 0, `${name}: no DELETE beyond what was ordered`)
  return aftermath
}

const no = { description: 'No.' }
const otherSuccesses = [
  { status: 203, body: {} },
  { status: 204 },
  { status: 206, body: {} },
] as const

row(
  'ORPH-01 a well-formed 200, 201 or 202 is success wherever it is listed, and nothing is deleted',
  async (t) => {
    const listed: Record<OperationKind, readonly number[]> = {
      provision: [200, 201],
      bind: [200, 201],
      update: [200],
      deprovision: [200],
      unbind: [200],
    }
    await each(kinds, async (kind) => {
      for (const status of listed[kind]) {
        const {
          status: answered,
          removals,
          isInForce,
        } = await spoil(t, { kind, mode: 'sync', action: { status, body: {} }, when: 'after' })
        t.match(
          [answered, removals, isInForce],
          [kind === 'provision' || kind === 'bind' ? 201 : 200, 0, true],
          `${kind} ${status}`,
        )
      }
      const site = await open('async')
      await site.prepare(kind)
      const ordered = await site.order(kind)
      agree(t, await site.settle(), site.simulator)
      t.equal(ordered.last?.body.state, 'succeeded', `${kind} 202`)
    })
    // an update does not list 201, so there it is another 2xx.
    await isLeftAlone(t, { kind: 'update', mode: 'sync', action: { status: 201, body: {} } }, 502)
  },
)

row(
  'ORPH-02 a malformed 200 is a failure with nothing to delete, to provision and bind too',
  async (t) => {
    await each(kinds, (kind) =>
      each(['html', 'array'] as const, async (malformed) => {
        const { isInForce } = await isLeftAlone(
          t,
          { kind, mode: 'sync', action: { malformed, status: 200 } },
          502,
        )
        t.equal(isInForce, false)
      }),
    )
  },
)

row(
  'ORPH-03 a provision that fails while polled is deleted; a failed deprovision is reported, and deleted when the platform repeats it',
  async (t) => {
    await isMitigated(
      t,
      {
        kind: 'provision',
        mode: 'async',
        action: { failOperation: { description: 'Disk full.' } },
        when: 'after',
      },
      202,
    )
    await repeats(t, 'deprovision')
  },
)

row(
  'ORPH-04 a bind that fails while polled is deleted; a failed unbind is reported, and deleted when the platform repeats it',
  async (t) => {
    await isMitigated(
      t,
      {
        kind: 'bind',
        mode: 'async',
        action: { failOperation: { description: 'No login.' } },
        when: 'after',
      },
      202,
    )
    await repeats(t, 'unbind')
  },
)

// DEC-26: the platform still knows the instance or binding, so it decides; each repetition reaches
// the provider.
async function repeats(t: Test, kind: 'deprovision' | 'unbind'): Promise<void> {
  const { site, state, isInForce } = await isLeftAlone(
    t,
    {
      kind,
      mode: 'async',
      action: { failOperation: { description: 'Still in use.' } },
      when: 'after',
    },
    202,
  )
  t.match([state, isInForce], ['failed', false], `${kind}: reported as failed, and still there`)
  site.strike(kind, { failOperation: { description: 'Still in use.' } }, 'after')
  t.equal((await site.order(kind)).last?.body.state, 'failed')
  t.equal((await site.order(kind)).last?.body.state, 'succeeded')
  t.ok(
    site.requests('DELETE', kind === 'unbind' ? 'binding' : 'instance').length >= 3,
    `${kind}: each repetition went out`,
  )
  agree(t, await site.settle(), site.simulator)
}

for (const [id, kind, status] of [
  ['ORPH-05', 'provision', 201],
  ['ORPH-06', 'bind', 201],
  ['ORPH-07', 'provision', 202],
  ['ORPH-08', 'bind', 202],
] as const) {
  row(
    `${id} a malformed ${status} to a ${kind} is a failure, and what it may have made is deleted`,
    async (t) => {
      const mode = status === 202 ? 'async' : 'sync'
      const spoilt: FaultAction[] = [
        { malformed: 'truncated_json', status },
        { malformed: 'empty', status },
        { malformed: 'array', status },
        { status, body: { operation: 7, credentials: 7 } },
        ...(status === 202 ? [{ status, body: { operation: 'x'.repeat(10_001) } }] : []),
      ]
      await each(spoilt, (action) =>
        isMitigated(t, { kind, mode, action, when: 'after' }, status === 202 ? 202 : 502),
      )
    },
  )
}

for (const [id, creates, deletes] of [
  ['ORPH-09', 'provision', 'deprovision'],
  ['ORPH-10', 'bind', 'unbind'],
] as const) {
  row(
    `${id} another 2xx to a ${creates} or ${deletes} is a failure that ends in a delete`,
    async (t) => {
      await each(otherSuccesses, (action) =>
        Promise.all([
          isMitigated(t, { kind: creates, mode: 'sync', action, when: 'after' }, 502),
          isMitigated(t, { kind: creates, mode: 'async', action }, 202),
          isRepeated(t, deletes, action),
        ]),
      )
    },
  )
}

/**
 * Kontor repeats a delete in doubt if the platform accepts asynchronous work; otherwise the
 * platform gets an error and repeats it itself.
 */
async function isRepeated(
  t: Test,
  kind: 'deprovision' | 'unbind',
  action: FaultAction,
): Promise<void> {
  const name = `${kind}, ${JSON.stringify(action)}`
  const waiting = await spoil(t, { kind, mode: 'async', action })
  t.match([waiting.status, waiting.isInForce], [202, true], name)
  t.ok(waiting.removals >= 1, `${name}: repeated`)
  const refused = await isLeftAlone(t, { kind, mode: 'sync', action }, 502)
  t.equal(refused.isInForce, false, name)
  t.match(
    (await refused.site.order(kind)).first.status,
    200,
    `${name}: the platform's own repetition goes through`,
  )
  agree(t, await refused.site.settle(), refused.site.simulator)
}

row('ORPH-11 another 2xx to an update is a failure, and nothing is deleted', async (t) => {
  await each(otherSuccesses, (action) =>
    each(['sync', 'async'] as const, async (mode) => {
      const { isInForce } = await isLeftAlone(
        t,
        { kind: 'update', mode, action },
        mode === 'sync' ? 502 : 202,
      )
      t.equal(isInForce, false)
    }),
  )
})

row('ORPH-12 a 408 never reached the broker: a failure, and nothing is deleted', async (t) => {
  await each(kinds, (kind) =>
    each(['sync', 'async'] as const, (mode) =>
      isLeftAlone(t, { kind, mode, action: { status: 408 } }, 502),
    ),
  )
})

row('ORPH-13 another 4xx is a rejection, and nothing is deleted', async (t) => {
  const answers = {
    400: 400,
    401: 502,
    403: 502,
    404: 502,
    405: 502,
    412: 502,
    413: 502,
    418: 502,
    422: 422,
    429: 429,
    451: 502,
  }
  await each(kinds, async (kind) => {
    const site = await open('sync')
    await site.prepare(kind)
    for (const [status, expected] of Object.entries(answers)) {
      site.strike(kind, { status: Number(status), body: no })
      t.equal((await site.order(kind)).first.status, expected, `${kind} ${status}`)
    }
    const ordered = kind === 'deprovision' || kind === 'unbind' ? Object.keys(answers).length : 0
    agree(t, await site.settle(), site.simulator)
    t.equal(site.requests('DELETE').length, ordered, `${kind}: no DELETE beyond what was ordered`)
  })
  await each(['provision', 'bind', 'update'] as const, (kind) =>
    isLeftAlone(t, { kind, mode: 'async', action: { status: 400, body: no } }, 400),
  )
})

for (const [id, creates, deletes] of [
  ['ORPH-14', 'provision', 'deprovision'],
  ['ORPH-15', 'bind', 'unbind'],
] as const) {
  row(`${id} a 5xx to a ${creates} or ${deletes} ends in a delete`, async (t) => {
    await each(['before', 'after'] as const, (when) =>
      Promise.all([
        isMitigated(t, { kind: creates, mode: 'sync', action: { status: 500 }, when }, 502),
        isMitigated(t, { kind: creates, mode: 'async', action: { status: 503 }, when }, 202),
      ]),
    )
    await isRepeated(t, deletes, { status: 500 })
  })
}

row('ORPH-16 a 5xx to an update is a failure, and nothing is deleted', async (t) => {
  for (const mode of ['sync', 'async'] as const) {
    const { isInForce } = await isLeftAlone(
      t,
      { kind: 'update', mode, action: { status: 500, body: no } },
      mode === 'sync' ? 502 : 202,
    )
    t.equal(isInForce, false)
  }
})

for (const [id, kind] of [
  ['ORPH-17', 'provision'],
  ['ORPH-18', 'bind'],
] as const) {
  row(
    `${id} a ${kind} without an answer in time is a failure and is deleted, whether it was carried out or not`,
    async (t) => {
      await each(['before', 'after'] as const, (when) =>
        Promise.all([
          isMitigated(t, { kind, mode: 'sync', action: { hang: true }, when }, 504),
          isMitigated(t, { kind, mode: 'async', action: { hang: true }, when }, 202),
        ]),
      )
    },
  )
}

row(
  'ORPH-19 any other call without an answer in time is a failure without a delete of its own',
  async (t) => {
    await each(['update', 'deprovision', 'unbind'] as const, async (kind) => {
      const { isInForce } = await isLeftAlone(
        t,
        { kind, mode: 'sync', action: { hang: true } },
        504,
      )
      t.equal(isInForce, false, kind)
    })
    const update = await isLeftAlone(
      t,
      { kind: 'update', mode: 'async', action: { hang: true } },
      202,
    )
    t.equal(update.state, 'failed')
    // A poll or fetch without an answer proves nothing.
    const site = await open('async', { settings: hasty })
    for (const on of [
      'last_operation',
      'binding_last_operation',
      'fetch_binding',
      'catalog',
    ] as const)
      site.simulator.faults.add({ on, do: { hang: true } })
    await site.prepare('unbind')
    await kontor.admin('POST', `/api/providers/${site.view.id}/refresh`)
    agree(t, await site.settle(), site.simulator)
    t.strictSame(site.requests('DELETE'), [])
  },
)

row(
  'ORPH-20 an instance or binding that Kontor cannot record is deleted at the provider, unless a look-up finds it',
  async (t) => {
    // DEC-50: Kontor looks it up first. The db offering can be fetched; the blind one cannot, and
    // has no operation of a synchronous order.
    for (const isBlind of [false, true]) {
      for (const kind of ['provision', 'bind'] as const) {
        const name = `kept-${kind}-${isBlind ? 'blind' : 'open'}`
        const site = await open('sync', isBlind ? { catalog: blind(name) } : {}, name)
        await site.prepare(kind)
        if (isBlind)
          site.simulator.faults.add({ on: 'last_operation', times: 0, do: { status: 404 } })
        await failToWrite(kind === 'provision' ? 'instances' : 'bindings', site.name)
        const { first } = await site.order(kind)
        t.equal(first.status, 500, 'the platform gets the failure')
        const rows = await site.settle()
        agree(t, rows, site.simulator)
        const things = kind === 'provision' ? rows.instances : rows.bindings
        t.equal(
          things.length,
          isBlind ? 0 : 1,
          `${kind}: ${isBlind ? 'deleted' : 'found and kept'}`,
        )
        t.equal(site.requests('DELETE').length > 0, isBlind)
      }
    }
  },
)

/** The database refuses, once, to record what the provider created. */
async function failToWrite(table: 'instances' | 'bindings', site: string): Promise<void> {
  const column = table === 'instances' ? 'instance_id' : 'binding_id'
  const name = `refuse_${table}_${site.replaceAll('-', '_')}`
  const id = table === 'instances' ? site : `${site}-b`
  // A sequence survives the rollback of the failed transaction, so the fault strikes once only.
  await sql
    .raw(
      `
    create sequence ${name}_seq;
    create function ${name}() returns trigger language plpgsql security definer as $$
      begin if nextval('${name}_seq') = 1 then raise exception 'disk full'; end if; return new; end $$;
    create trigger ${name} before update on ${table} for each row when (new.${column} = '${id}') execute function ${name}();
  `,
    )
    .execute(asOwner(t, kontor))
}

function blind(provider: string) {
  const plan = (name: string) => ({ id: `${provider}-${name}`, name, description: name })
  return {
    services: [
      {
        id: `${provider}-db`,
        name: 'db',
        description: 'Cannot be fetched',
        bindable: true,
        plan_updateable: true,
        plans: [plan('small'), plan('large')],
      },
    ],
  }
}

row('ORPH-21 the delete is repeated until the provider reports success', async (t) => {
  const refusals: ReadonlyArray<ReadonlyArray<readonly [status: number | null, FaultAction]>> = [
    [
      [500, { status: 500 }],
      [429, { status: 429, headers: { 'retry-after': '1' } }],
      [null, { closeConnection: true }],
    ],
    [
      [422, { status: 422, body: { error: 'ConcurrencyError', description: 'Busy.' } }],
      [401, { status: 401 }],
      [null, { hang: true }],
    ],
    [
      [200, { malformed: 'html', status: 200 }],
      [202, { status: 202, body: { operation: 'x' } }],
      [404, { status: 404 }],
    ],
  ]
  await each(
    [
      ['provision', 'deprovision'],
      ['bind', 'unbind'],
    ] as const,
    ([creates, removes]) =>
      each(refusals, async (list) => {
        // On a busy machine a refusal may take more than a second, and would be sent once more.
        const site = await open('sync', { settings: { timeoutSeconds: 3 } })
        await site.prepare(creates)
        for (const [, action] of list) site.strike(removes, action)
        site.strike(creates, { status: 500 }, 'after')
        t.equal((await site.order(creates)).first.status, 502)
        agree(t, await site.settle(), site.simulator)
        t.strictSame(
          site.requests('DELETE').map(({ status }) => status),
          [...list.map(([status]) => status), 200],
          `${creates}: one after the other, to the end`,
        )
      }),
  )
  // A 410 ends it too: there is nothing to delete.
  const site = await open('sync')
  site.strike('provision', { status: 500 })
  await site.order('provision')
  await site.settle()
  t.strictSame(
    site.requests('DELETE').map(({ status }) => status),
    [410],
  )
  // An asynchronous removal ends with the provider's last_operation, not with its 202.
  const slow = await open('async', {
    behaviours: { '*': { mode: 'async', deprovisionSeconds: 1 } },
  })
  slow.strike('provision', { status: 500 }, 'after')
  await slow.order('provision')
  await slow.settle()
  const statuses = slow.requests('DELETE').map(({ status }) => status)
  t.match([statuses[0], statuses.at(-1)], [202, 410])
  t.strictSame(slow.simulator.state().instances, [])
})

row(
  'ORPH-22 the delete is an ordinary DELETE: both ids, accepts_incomplete, version and credentials, but no identity',
  async (t) => {
    const identity = {
      'x-broker-api-originating-identity': `cloudfoundry ${Buffer.from('{"user_id":"u"}').toString('base64')}`,
    }
    for (const kind of ['provision', 'bind'] as const) {
      const site = await open('sync')
      await site.prepare(kind)
      site.strike(kind, { status: 500 }, 'after')
      const paths = pathsOf(site.name)
      await kontor.call(
        'PUT',
        kind === 'provision' ? paths.instance : paths.binding,
        { ...site.small, organization_guid: 'o', space_guid: 's' },
        identity,
      )
      await site.settle()
      const [order] = site.requests('PUT').filter((request) => request.fault !== undefined)
      const [removal] = site.requests('DELETE')
      t.ok(order?.headers['x-broker-api-originating-identity'], 'the order itself said whose it is')
      t.equal(removal?.path, order?.path, 'of just what was ordered')
      // The simulator answers 401 to requests without credentials.
      t.equal(removal?.status, 200)
      t.strictSame(removal?.query, {
        service_id: `${site.name}-db`,
        plan_id: `${site.name}-db-small`,
        accepts_incomplete: 'true',
      })
      t.equal(removal?.headers['x-broker-api-version'], '2.17')
      t.equal(removal?.headers['x-broker-api-originating-identity'], undefined)
      t.match(removal?.headers['x-broker-api-request-identity'], /\S/)
      t.notOk(removal?.body, 'and no body')
    }
  },
)

row(
  'ORPH-23 an update that fails while polled deletes nothing, and the old plan holds',
  async (t) => {
    const { site, state, isInForce } = await isLeftAlone(
      t,
      {
        kind: 'update',
        mode: 'async',
        action: { failOperation: { description: 'No room.' } },
        when: 'after',
      },
      202,
    )
    t.match([state, isInForce], ['failed', false])
    t.match((await kontor.call('GET', pathsOf(site.name).instance)).body, {
      plan_id: site.small.plan_id,
    })
  },
)

row('ORPH-24 a possible orphan is deleted although the platform never asks for it', async (t) => {
  const site = await open('async')
  site.strike('provision', { failOperation: { description: 'Disk full.' } }, 'after')
  await site.order('provision')
  await until(
    () => site.simulator.state().instances,
    (instances) => instances.length === 0,
  )
  // The platform still knows the instance and may delete it as if it existed.
  t.equal((await site.rows()).instances[0]?.state, 'failed')
  t.equal((await site.order('deprovision')).first.status, 200)
  t.strictSame((await site.settle()).instances, [])
})

row('ORPH-25 mitigation begins at once, without an operator', async (t) => {
  const site = await open('sync', { settings: hasty })
  site.simulator.faults.add({ on: 'deprovision', times: 0, do: { status: 500 } })
  site.strike('provision', { hang: true }, 'after')
  const { first } = await site.order('provision')
  t.equal(first.status, 504)
  const { running } = await site.rows()
  t.match(running, [{ kind: 'provision', state: 'compensating' }])
  await until(
    () => site.requests('DELETE').length,
    (count) => count > 0,
  )
  site.simulator.faults.clear()
  agree(t, await site.settle(), site.simulator)
})
