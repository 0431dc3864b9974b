import t from 'tap'
import type { Backend } from '../../src/backends/backend.ts'
import { osbBackend } from '../../src/backends/osb.ts'
import type { OsbSettings } from '../../src/types.gen.ts'
import { basicAuth } from '../support/basic-auth.ts'
import {
  answer,
  scriptedUpstream,
  type Script,
  type Upstream,
  loopback,
} from '../support/scripted-upstream.ts'
import { order } from './orders.ts'
import type { Teardown } from '../support/teardown.ts'

const signal = new AbortController().signal
const credentials = { username: 'kontor', password: 'correct horse' }
const I = '/v2/service_instances/11111111-1111-4111-8111-111111111111'
const B = `${I}/service_bindings/22222222-2222-4222-8222-222222222222`

async function build(
  t: Teardown,
  script: Script,
  settings: Partial<OsbSettings> = {},
): Promise<{ backend: Backend; upstream: Upstream }> {
  const upstream = await scriptedUpstream(t, script)
  const backend = osbBackend(
    { url: upstream.url, timeoutSeconds: 5, ...settings },
    credentials,
    loopback,
  )
  t.teardown(() => backend.close())
  return { backend, upstream }
}

/** All five changing calls, as functions. */
const changing = {
  provision: (backend: Backend) => backend.provision(order.provision(), signal),
  update: (backend: Backend) => backend.update(order.update(), signal),
  deprovision: (backend: Backend) => backend.deprovision(order.deprovision(), signal),
  bind: (backend: Backend) => backend.bind(order.bind(), signal),
  unbind: (backend: Backend) => backend.unbind(order.unbind(), signal),
} as const
type Name = keyof typeof changing
const all = Object.keys(changing) as Name[] // the keys of a constant

/** The outcome of each named call for one answer: `kind`, or `kind:reason`. */
async function outcomesOf(
  t: Teardown,
  script: Script,
  names: readonly Name[] = all,
): Promise<Partial<Record<Name, string>>> {
  const { backend } = await build(t, script)
  const entries = await Promise.all(
    names.map(async (name) => {
      const outcome = await changing[name](backend)
      const detail =
        outcome.kind === 'refused'
          ? `:${outcome.refusal.reason}`
          : outcome.kind === 'unknown'
            ? `:${outcome.doubt}`
            : ''
      return [name, `${outcome.kind}${detail}`] as const
    }),
  )
  return Object.fromEntries(entries)
}

const each = (names: readonly Name[], outcome: string) =>
  Object.fromEntries(names.map((name) => [name, outcome]))

void t.test('requests', async (t) => {
  await t.test(
    'AUTH-01 VER-01 RID-01: every call signs in, names the version and carries a request identity',
    async (t) => {
      const { backend, upstream } = await build(t, answer(200))
      await Promise.all(all.map((name) => changing[name](backend)))
      await backend.progress({ instance: order.provision() }, signal)
      await backend.fetchInstance(order.provision(), signal)
      await backend.fetchBinding(order.bind(), signal)
      await backend.catalog(undefined, signal)
      t.equal(upstream.requests.length, 9)
      for (const { headers, body } of upstream.requests) {
        t.equal(headers.authorization, basicAuth('kontor', 'correct horse'))
        t.equal(headers['x-broker-api-version'], '2.17')
        t.match(headers['x-broker-api-request-identity'], /^[0-9a-f-]{36}$/)
        t.match(headers, { accept: 'application/json', 'accept-encoding': 'identity' })
        t.equal(headers['content-type'], body === undefined ? undefined : 'application/json')
      }
    },
  )

  await t.test('AUTH-04: a bearer token, or nothing', async (t) => {
    const upstream = await scriptedUpstream(t, answer(200))
    const bearer = osbBackend({ url: upstream.url }, { token: 'a.b-c' }, loopback)
    const open = osbBackend({ url: upstream.url }, { none: true }, loopback)
    t.teardown(() => Promise.all([bearer.close(), open.close()]))
    await bearer.catalog(undefined, signal)
    await open.catalog(undefined, signal)
    t.strictSame(
      upstream.requests.map(({ headers }) => headers.authorization),
      ['Bearer a.b-c', undefined],
    )
  })

  await t.test('AUTH-07: prefix, trailing slash and a stray /v2 join to one /v2', async (t) => {
    const upstream = await scriptedUpstream(t, answer(200))
    for (const path of ['', '/', '/a/b', '/a/b/', '/a/b//', '/v2', '/a/v2/']) {
      const backend = osbBackend({ url: upstream.url + path }, credentials, loopback)
      t.teardown(() => backend.close())
      await backend.catalog(undefined, signal)
    }
    t.strictSame(
      upstream.requests.map(({ path }) => path.replace(/catalog$/, '')),
      ['/v2/', '/v2/', '/a/b/v2/', '/a/b/v2/', '/a/b/v2/', '/v2/', '/a/v2/'],
    )
  })

  await t.test(
    'OID-02 DEC-32 DEC-33: identities are passed on unchanged, or the originating one is dropped',
    async (t) => {
      const identities = {
        originatingIdentity: 'cloudfoundry eyJ1c2VyX2lkIjoidSJ9',
        requestIdentity: 'req-7',
      }
      const { backend, upstream } = await build(t, answer(200))
      await backend.provision(order.provision(identities), signal)
      t.match(upstream.requests[0]?.headers, {
        'x-broker-api-originating-identity': identities.originatingIdentity,
        'x-broker-api-request-identity': 'req-7',
      })
      const dropping = await build(t, answer(200), {
        originatingIdentity: 'drop',
        apiVersion: '2.14',
      })
      await dropping.backend.provision(order.provision(identities), signal)
      t.equal(
        dropping.upstream.requests[0]?.headers['x-broker-api-originating-identity'],
        undefined,
      )
      t.equal(dropping.upstream.requests[0]?.headers['x-broker-api-version'], '2.14')
    },
  )

  await t.test(
    'PROV-01 PROV-15: a provision passes everything on, unknown keys included',
    async (t) => {
      const { backend, upstream } = await build(t, answer(201))
      const context = { platform: 'x', more: { deep: [1] } }
      await backend.provision(
        order.provision({
          context,
          parameters: { users: 3 },
          maintenanceInfo: { version: '1.0.0' },
        }),
        signal,
      )
      t.match(upstream.requests[0], { method: 'PUT', url: `${I}?accepts_incomplete=true` })
      t.strictSame(upstream.requests[0]?.body, {
        service_id: 'service-1',
        plan_id: 'plan-1',
        organization_guid: 'org-1',
        space_guid: 'space-1',
        context,
        parameters: { users: 3 },
        maintenance_info: { version: '1.0.0' },
      })
    },
  )

  await t.test(
    'UPD-20 UPD-21: an update names the new plan, the old one as previous, and leaves out what was not ordered',
    async (t) => {
      const { backend, upstream } = await build(t, answer(200))
      await backend.update(
        order.update({
          newPlanId: 'plan-2',
          previousMaintenanceInfo: { version: '1.0.0' },
          acceptsIncomplete: false,
        }),
        signal,
      )
      t.match(upstream.requests[0], { method: 'PATCH', url: I })
      t.strictSame(upstream.requests[0]?.body, {
        service_id: 'service-1',
        plan_id: 'plan-2',
        previous_values: {
          service_id: 'service-1',
          plan_id: 'plan-1',
          maintenance_info: { version: '1.0.0' },
        },
      })
    },
  )

  await t.test('ROT-02: a rotation sends the predecessor beside both ids', async (t) => {
    const { backend, upstream } = await build(t, answer(201))
    await backend.bind(
      order.bind({
        predecessorBindingId: 'old',
        bindResource: { app_guid: 'a', x: 1 },
        appGuid: 'a',
      }),
      signal,
    )
    t.match(upstream.requests[0], { method: 'PUT', url: `${B}?accepts_incomplete=true` })
    t.strictSame(upstream.requests[0]?.body, {
      service_id: 'service-1',
      plan_id: 'plan-1',
      app_guid: 'a',
      bind_resource: { app_guid: 'a', x: 1 },
      predecessor_binding_id: 'old',
    })
  })

  await t.test(
    'UNB-01 DEPROV-01 URL-02: deletes carry both ids, percent-encoded, and no body',
    async (t) => {
      const { backend, upstream } = await build(t, answer(200))
      await backend.deprovision(
        order.deprovision({ serviceId: 'a b&c=/+%é', planId: '(p)*' }),
        signal,
      )
      await backend.unbind(order.unbind({ acceptsIncomplete: false }), signal)
      t.strictSame(
        upstream.requests.map(({ method, url }) => `${method} ${url}`),
        [
          `DELETE ${I}?service_id=a%20b%26c%3D%2F%2B%25%C3%A9&plan_id=%28p%29%2A&accepts_incomplete=true`,
          `DELETE ${B}?service_id=service-1&plan_id=plan-1`,
        ],
      )
      t.strictSame(
        upstream.requests.map(({ body }) => body),
        [undefined, undefined],
      )
    },
  )

  await t.test('POLL-05 POLL-09: a poll sends ids and the exact operation', async (t) => {
    const { backend, upstream } = await build(t, answer(200, { state: 'in progress' }))
    const operation = 'a b&c=/+%é'
    await backend.progress({ instance: order.provision(), operation }, signal)
    await backend.progress(
      { instance: order.provision(), bindingId: order.bind().bindingId },
      signal,
    )
    t.equal(upstream.requests[0]?.path, `${I}/last_operation`)
    t.strictSame(Object.fromEntries(upstream.requests[0]?.query ?? []), {
      service_id: 'service-1',
      plan_id: 'plan-1',
      operation,
    })
    t.equal(upstream.requests[1]?.path, `${B}/last_operation`)
    t.equal(upstream.requests[1]?.query.has('operation'), false)
  })
})

void t.test('orphan mitigation table', async (t) => {
  await t.test(
    'ORPH-01 PROV-16: well-formed 200, 201 and 202 are success where they are listed',
    async (t) => {
      t.strictSame(await outcomesOf(t, answer(200)), each(all, 'done'))
      t.strictSame(
        await outcomesOf(t, answer(201), ['provision', 'bind']),
        each(['provision', 'bind'], 'done'),
      )
      t.strictSame(await outcomesOf(t, answer(202)), each(all, 'pending'))
    },
  )

  await t.test(
    'ORPH-01 X-10: a 201 that the specification does not list is another 2xx',
    async (t) => {
      const names = ['update', 'deprovision', 'unbind'] as const
      t.strictSame(await outcomesOf(t, answer(201), names), each(names, 'unknown:unexpected'))
    },
  )

  await t.test('ORPH-02: a malformed 200 is a failure with nothing to remove', async (t) => {
    for (const body of ['', 'no json', '<html>', '[]', '"text"', 'null'])
      t.strictSame(await outcomesOf(t, answer(200, body)), each(all, 'refused:protocol'), body)
    t.strictSame(
      await outcomesOf(t, answer(200, { dashboard_url: 7 }), ['provision', 'update']),
      each(['provision', 'update'], 'refused:protocol'),
    )
    t.strictSame(await outcomesOf(t, answer(200, { credentials: 'text' }), ['bind']), {
      bind: 'refused:protocol',
    })
  })

  await t.test(
    'ORPH-03 ORPH-04 ORPH-23 POLL-16: a failed poll says so, with its reason and flags',
    async (t) => {
      const { backend } = await build(
        t,
        answer(200, {
          state: 'failed',
          description: 'Quota is used up',
          instance_usable: false,
          update_repeatable: false,
        }),
      )
      const failed = {
        kind: 'failed',
        description: 'Quota is used up',
        instanceUsable: false,
        updateRepeatable: false,
      }
      t.strictSame(await backend.progress({ instance: order.provision() }, signal), failed)
      t.strictSame(
        await backend.progress(
          { instance: order.provision(), bindingId: order.bind().bindingId },
          signal,
        ),
        failed,
      )
    },
  )

  for (const [row, name, status] of [
    ['ORPH-05', 'provision', 201],
    ['ORPH-06', 'bind', 201],
    ['ORPH-07', 'provision', 202],
    ['ORPH-08', 'bind', 202],
  ] as const) {
    await t.test(`${row}: a malformed ${status} to a ${name} leaves it unknown`, async (t) => {
      for (const body of ['', '{', '[]', { operation: 7 }]) {
        t.strictSame(await outcomesOf(t, answer(status, body), [name]), {
          [name]: 'unknown:malformed',
        })
      }
    })
  }

  await t.test(
    'ORPH-06 DEC-45 BIND-22: a 201 with an endpoint that breaks the rules is malformed',
    async (t) => {
      for (const body of [
        { endpoints: [{ host: 'db', ports: [5432] }] },
        { endpoints: [{ host: 'db', ports: [] }] },
        { volume_mounts: [{ driver: 'nfs' }] },
        { syslog_drain_url: 1 },
      ]) {
        t.strictSame(await outcomesOf(t, answer(201, body), ['bind']), {
          bind: 'unknown:malformed',
        })
      }
    },
  )

  await t.test(
    'ORPH-07 ORPH-08 DEC-18 ASYNC-08: an operation longer than 10,000 characters is malformed',
    async (t) => {
      t.strictSame(
        await outcomesOf(t, answer(202, { operation: 'x'.repeat(10_001) })),
        each(all, 'unknown:malformed'),
      )
      t.strictSame(
        await outcomesOf(t, answer(202, { operation: 'x'.repeat(10_000) })),
        each(all, 'pending'),
      )
    },
  )

  await t.test('ORPH-09 ORPH-10 ORPH-11: another 2xx leaves it unknown', async (t) => {
    for (const status of [203, 204, 206, 299]) {
      t.strictSame(
        await outcomesOf(t, answer(status, status === 204 ? '' : {})),
        each(all, 'unknown:unexpected'),
        String(status),
      )
    }
  })

  await t.test('ORPH-12: 408 never reached the broker', async (t) => {
    t.strictSame(await outcomesOf(t, answer(408, '')), each(all, 'refused:protocol'))
  })

  await t.test('ORPH-13: another 4xx is rejected', async (t) => {
    const reasons = {
      400: 'rejected',
      401: 'unauthorized',
      403: 'unauthorized',
      404: 'protocol',
      412: 'incompatible',
      413: 'protocol',
      418: 'protocol',
      422: 'rejected',
      429: 'rate_limited',
    }
    for (const [status, reason] of Object.entries(reasons))
      t.strictSame(
        await outcomesOf(t, answer(Number(status), '')),
        each(all, `refused:${reason}`),
        status,
      )
  })

  await t.test(
    'ORPH-13 DEC-24: 409 is a conflict for a provision or bind, else an unexpected answer',
    async (t) => {
      t.strictSame(await outcomesOf(t, answer(409)), {
        ...each(['update', 'deprovision', 'unbind'], 'refused:protocol'),
        ...each(['provision', 'bind'], 'refused:conflict'),
      })
    },
  )

  await t.test(
    'ORPH-13 DEPROV-13 UNB-12: 410 is success for a delete only, whatever its body',
    async (t) => {
      t.strictSame(await outcomesOf(t, answer(410, 'Gone.')), {
        ...each(['provision', 'update', 'bind'], 'refused:protocol'),
        ...each(['deprovision', 'unbind'], 'done'),
      })
    },
  )

  await t.test('ORPH-14 ORPH-15 ORPH-16: a 5xx leaves it unknown', async (t) => {
    for (const status of [500, 502, 503, 504, 599])
      t.strictSame(await outcomesOf(t, answer(status, '<html>')), each(all, 'unknown:server_error'))
  })

  for (const [row, names] of [
    ['ORPH-17', ['provision']],
    ['ORPH-18', ['bind']],
    ['ORPH-19', ['update', 'deprovision', 'unbind']],
  ] as const) {
    await t.test(`${row}: a timeout of ${names.join(', ')} leaves it unknown`, async (t) => {
      const { backend, upstream } = await build(t, () => {}, { timeoutSeconds: 0.2 })
      for (const name of names)
        t.match(await changing[name](backend), { kind: 'unknown', doubt: 'timeout' })
      t.equal(upstream.requests.length, names.length, 'each was sent once')
    })
  }

  await t.test('ORPH-19: a timeout of a call that changes nothing is unclear', async (t) => {
    const { backend } = await build(t, () => {}, { timeoutSeconds: 0.2 })
    t.match(
      await Promise.all([
        backend.progress({ instance: order.provision() }, signal),
        backend.fetchInstance(order.provision(), signal),
        backend.fetchBinding(order.bind(), signal),
      ]),
      [{ kind: 'unclear' }, { kind: 'unclear' }, { kind: 'unclear' }],
    )
  })

  await t.test('DEC-25: a redirect is not followed and means nothing was done', async (t) => {
    for (const status of [301, 302, 303, 307, 308]) {
      const { backend, upstream } = await build(t, (request, response) =>
        answer(status, '', { location: `http://${request.headers.host}/v2/elsewhere` })(
          request,
          response,
        ),
      )
      t.match(await changing.provision(backend), {
        kind: 'refused',
        refusal: { reason: 'protocol', status },
      })
      t.equal(upstream.requests.length, 1)
    }
  })

  await t.test('DEC-21 ASYNC-02: a 202 that was not allowed leaves it unknown', async (t) => {
    const { backend } = await build(t, answer(202, { operation: 'o' }))
    const sync = { acceptsIncomplete: false }
    for (const outcome of await Promise.all([
      backend.provision(order.provision(sync), signal),
      backend.update(order.update(sync), signal),
      backend.deprovision(order.deprovision(sync), signal),
      backend.bind(order.bind(sync), signal),
      backend.unbind(order.unbind(sync), signal),
    ]))
      t.match(outcome, { kind: 'unknown', doubt: 'unexpected', status: 202 })
  })
})

void t.test('results', async (t) => {
  await t.test('ASYNC-12: operation null, empty or absent is none', async (t) => {
    for (const body of [{}, { operation: null }, { operation: '' }]) {
      const { backend } = await build(t, answer(202, body))
      t.strictSame(await changing.provision(backend), { kind: 'pending', result: {} })
    }
  })

  await t.test(
    'a pending provision has operation, dashboard, extensions and the time of the next poll',
    async (t) => {
      const { backend } = await build(
        t,
        answer(
          202,
          {
            operation: 'op',
            dashboard_url: 'https://d',
            metadata: { labels: { a: 'b' } },
            extra: 1,
          },
          { 'retry-after': '7' },
        ),
      )
      t.strictSame(await changing.provision(backend), {
        kind: 'pending',
        operation: 'op',
        result: {
          dashboardUrl: 'https://d',
          metadata: { labels: { a: 'b' } },
          extensions: { extra: 1 },
        },
        retryAfterSeconds: 7,
      })
    },
  )

  await t.test(
    'PROV-18 UPD-26: a null in an optional field counts as absent, one in another field stays',
    async (t) => {
      const nulls = { dashboard_url: null, operation: null, metadata: null }
      const { backend } = await build(t, answer(200, { ...nulls, x_more: null }))
      for (const call of ['provision', 'update'] as const)
        t.strictSame(await changing[call](backend), {
          kind: 'done',
          result: { extensions: { x_more: null } },
        })
    },
  )

  await t.test('EXT-02 BIND-26: a binding is passed on whole, with unknown fields', async (t) => {
    const binding = {
      credentials: { uri: 'x' },
      route_service_url: 'https://r',
      endpoints: [{ host: 'h', ports: ['1-2'], x: 1 }],
      x_more: { a: [1] },
    }
    const { backend } = await build(t, answer(201, { ...binding, operation: null }))
    t.strictSame(await backend.bind(order.bind({ requires: ['route_forwarding'] }), signal), {
      kind: 'done',
      result: binding,
    })
  })

  await t.test(
    'BIND-21 BIND-22: nulls in the parts of a binding count as absent, too',
    async (t) => {
      const mount = { driver: 'd', container_dir: '/d', mode: 'r', device_type: 'shared' }
      const { backend } = await build(
        t,
        answer(201, {
          credentials: { uri: null },
          metadata: { expires_at: null, renew_before: null, x: null },
          syslog_drain_url: null,
          route_service_url: null,
          volume_mounts: [{ ...mount, device: { volume_id: 'v', mount_config: null } }],
          endpoints: [{ host: 'h', ports: ['1'], protocol: null }],
          parameters: null,
        }),
      )
      t.strictSame(await backend.bind(order.bind({ requires: ['volume_mount'] }), signal), {
        kind: 'done',
        result: {
          credentials: { uri: null },
          metadata: { x: null },
          volume_mounts: [{ ...mount, device: { volume_id: 'v' } }],
          endpoints: [{ host: 'h', ports: ['1'] }],
        },
      })
    },
  )

  await t.test('BIND-06: credentials in a 202 are ignored', async (t) => {
    const { backend } = await build(
      t,
      answer(202, { operation: 'o', credentials: { early: true } }),
    )
    t.strictSame(await changing.bind(backend), { kind: 'pending', operation: 'o', result: {} })
  })

  await t.test('the content type does not matter; a BOM is ignored', async (t) => {
    const { backend } = await build(
      t,
      answer(201, '\uFEFF{"credentials":{"a":"ü"}}', { 'content-type': 'text/plain' }),
    )
    t.strictSame(await changing.bind(backend), {
      kind: 'done',
      result: { credentials: { a: 'ü' } },
    })
  })

  await t.test('bytes that are not UTF-8 are malformed, not half a password', async (t) => {
    t.strictSame(
      await outcomesOf(t, answer(201, Buffer.from('{"credentials":{"p":"\xfc"}}', 'latin1')), [
        'bind',
      ]),
      { bind: 'unknown:malformed' },
    )
  })
})

void t.test('what is said about a malformed answer names the field', async (t) => {
  const breaks = 'the answer breaks the specification: '
  const cases: ReadonlyArray<
    readonly [(backend: Backend) => Promise<object>, number, unknown, string]
  > = [
    [changing.provision, 201, { dashboard_url: 7 }, `${breaks}dashboard_url must be string`],
    [
      changing.provision,
      201,
      { description: 'Made.', metadata: { labels: 1 } },
      `${breaks}metadata.labels must be object`,
    ],
    [changing.update, 202, { operation: 7 }, `${breaks}operation must be string`],
    [changing.provision, 201, { metadata: { 'a\0': 1 } }, 'the answer must not hold the character'],
    [
      changing.bind,
      201,
      { metadata: { expires_at: 'tomorrow' } },
      `${breaks}metadata.expires_at has another form`,
    ],
    [
      changing.bind,
      201,
      { metadata: { expires_at: '0000-01-01T00:00:00.0Z' } },
      `${breaks}metadata.expires_at is before 1970 or after 9999`,
    ],
    [
      changing.bind,
      200,
      { credentials: {}, syslog_drain_url: 'syslog://x' },
      `${breaks}the answer holds syslog_drain_url, but the offering does not require syslog_drain`,
    ],
    [
      (backend) => backend.progress({ instance: order.provision() }, signal),
      200,
      { state: 'done' },
      `${breaks}state must be one of "in progress", "succeeded", "failed"`,
    ],
    [(backend) => backend.progress({ instance: order.provision() }, signal), 200, {}, 'state is'],
    [
      (backend) => backend.fetchBinding(order.unbind(), signal),
      200,
      { credentials: 'x' },
      `${breaks}credentials must be object`,
    ],
  ]
  for (const [call, status, body, says] of cases) {
    const { backend } = await build(t, answer(status, body))
    const outcome = (await call(backend)) as {
      description?: string
      refusal?: { description?: string }
    }
    const text = outcome.description ?? outcome.refusal?.description ?? ''
    t.ok(text.startsWith(`The provider answered with ${status}: `) && text.includes(says), text)
  }
})

void t.test('refusals', async (t) => {
  await t.test(
    'ERR-12 ERR-13 ERR-14 CONC-02: the four error codes of the specification',
    async (t) => {
      const refusedAs = (error: string, names?: readonly Name[]) =>
        outcomesOf(t, answer(422, { error }), names)
      t.strictSame(await refusedAs('ConcurrencyError'), each(all, 'refused:concurrency'))
      t.strictSame(await refusedAs('RequiresApp', ['bind', 'provision']), {
        bind: 'refused:requires_app',
        provision: 'refused:rejected',
      })
      t.strictSame(await refusedAs('MaintenanceInfoConflict', ['provision', 'update', 'bind']), {
        ...each(['provision', 'update'], 'refused:maintenance_info_conflict'),
        bind: 'refused:rejected',
      })
      t.strictSame(
        await refusedAs('AsyncRequired'),
        each(all, 'refused:protocol'),
        'though Kontor allowed it',
      )
      t.strictSame(await refusedAs('constructor'), each(all, 'refused:rejected'))
    },
  )

  await t.test('an error code without a description is passed on', async (t) => {
    for (const [status, body, says] of [
      [400, { error: 'QuotaExceeded' }, 'The provider rejected the request (QuotaExceeded).'],
      [422, { error: 'QuotaExceeded', description: '' }, /\(QuotaExceeded\)\.$/],
      [409, { error: 'Exists' }, /under this id \(Exists\)\.$/],
      [500, { error: 'DiskFull' }, 'The provider answered with 500 (DiskFull).'],
      [500, { error: 'DiskFull', description: 'No.' }, 'No.'],
      [422, { error: 'ConcurrencyError' }, /in progress at the provider\.$/],
      [409, { error: 'ConcurrencyError' }, /under this id \(ConcurrencyError\)\.$/],
      [400, { error: 'AsyncRequired' }, 'The provider rejected the request (AsyncRequired).'],
      [422, { error: 'RequiresApp' }, 'The provider rejected the request (RequiresApp).'],
      [500, { error: 'AsyncRequired' }, 'The provider answered with 500 (AsyncRequired).'],
      [400, { error: 'at 10.0.0.1:5432' }, /\(at \[address\]\)\.$/],
      [401, { error: 'BadPassword' }, /does not accept the credentials/],
    ] as const) {
      const { backend } = await build(t, answer(status, body))
      const outcome = await changing.provision(backend)
      t.match(
        outcome.kind === 'refused' ? outcome.refusal : outcome,
        { description: says },
        JSON.stringify(body),
      )
    }
  })

  await t.test('AsyncRequired to a synchronous call', async (t) => {
    const { backend } = await build(t, answer(422, { error: 'AsyncRequired' }))
    t.match(await backend.provision(order.provision({ acceptsIncomplete: false }), signal), {
      kind: 'refused',
      refusal: { reason: 'async_required', status: 422 },
    })
  })

  await t.test('ERR-04 ERR-05: the flags count where the specification defines them', async (t) => {
    for (const [status, flags] of [
      [400, 'refusal'],
      [500, 'refusal'],
    ] as const) {
      const { backend } = await build(
        t,
        answer(status, { instance_usable: false, update_repeatable: false }),
      )
      const read = async (name: Name) =>
        ((await changing[name](backend)) as { refusal?: object })[flags] ?? {} // two kinds, one field
      t.match(await read('update'), { instanceUsable: false, updateRepeatable: false })
      t.equal(Object.hasOwn(await read('deprovision'), 'updateRepeatable'), false)
      t.match(await read('deprovision'), { instanceUsable: false })
      t.equal(Object.hasOwn(await read('provision'), 'instanceUsable'), false)
    }
  })

  await t.test('Retry-After: seconds or a date, between none and a day', async (t) => {
    const now = new Date('2026-11-01T10:00:00Z').toUTCString()
    const cases: [Record<string, string>, number | undefined][] = [
      [{ 'retry-after': '30' }, 30],
      [{ 'retry-after': '999999999' }, 86_400],
      [{ 'retry-after': '-3' }, undefined],
      [{ 'retry-after': 'soon' }, undefined],
      [{ 'retry-after': '1.5' }, undefined],
      [{ date: now, 'retry-after': new Date('2026-11-01T10:01:30Z').toUTCString() }, 90],
      [{ date: now, 'retry-after': new Date('2020-01-01').toUTCString() }, 0],
      [{}, undefined],
    ]
    for (const [headers, seconds] of cases) {
      const { backend } = await build(t, answer(429, {}, headers))
      const outcome = await changing.provision(backend)
      t.equal(
        outcome.kind === 'refused' ? outcome.refusal.retryAfterSeconds : 'none',
        seconds,
        JSON.stringify(headers),
      )
    }
  })
})

void t.test('descriptions', async (t) => {
  const described = async (description: unknown, status = 400) => {
    const { backend } = await build(t, answer(status, { description }))
    const outcome = await changing.provision(backend)
    return outcome.kind === 'refused'
      ? outcome.refusal.description
      : outcome.kind === 'unknown'
        ? outcome.description
        : ''
  }

  await t.test(
    "DEC-46: the provider's sentence, on one line and at most 255 characters",
    async (t) => {
      t.equal(
        await described('Plan "large" is\u0000 sold\r\n out.\u001b[31m'),
        'Plan "large" is sold out. [31m',
      )
      t.equal(await described('ü😀'.repeat(200)), `${'ü😀'.repeat(127)}ü`)
      t.equal(await described('No capacity', 503), 'No capacity')
    },
  )

  await t.test("empty, absent or no string: Kontor's own sentence", async (t) => {
    for (const description of ['', ' \n', undefined, null, 7, { a: 1 }])
      t.equal(await described(description), 'The provider rejected the request.')
    t.equal(await described('', 500), 'The provider answered with 500.')
  })

  await t.test('no address, stack trace or credential is shown', async (t) => {
    t.equal(
      await described('See https://broker.internal/x?y and 10.0.3.4:5432.'),
      'See [address] and [address].',
    )
    t.equal(await described('Boom\n    at Object.<anonymous> (/srv/app.js:1:1)'), 'Boom')
    t.equal(
      await described('Login kontor with correct horse failed'),
      'The provider rejected the request.',
    )
    t.equal(
      await described('unknown user kontor', 401),
      'The provider does not accept the credentials that are registered for it.',
    )
  })

  await t.test('ERR-15: the status decides about an unreadable error body', async (t) => {
    t.strictSame(
      await outcomesOf(t, answer(400, '<html>10.0.0.1</html>', { 'content-type': 'text/html' })),
      each(all, 'refused:rejected'),
    )
    t.strictSame(
      await outcomesOf(t, answer(422, '[{"error":"ConcurrencyError"}]')),
      each(all, 'refused:rejected'),
    )
  })
})
