// The context profile. Kontor adds nothing to a context: a context in the profile's form reaches
// the provider unchanged, and without a context from the platform the provider gets none.
import t, { type Test } from 'tap'
import type { RequestRecord } from '../../tools/simulator/types.ts'
import { finished, here, startKontor } from '../support/kontor.ts'
import { openSite, pathsOf, type Site } from './site.ts'

type Json = Record<string, unknown>

const kontor = await startKontor(t)
const { call } = kontor
let sites = 0

t.jobs = 6
const row = (name: string, body: (t: Test) => Promise<void>) => {
  void t.test(name, { buffered: true }, body)
}

const identityOf = (platform: string, user: Json) => ({
  'x-broker-api-originating-identity': `${platform} ${Buffer.from(JSON.stringify(user)).toString('base64')}`,
})
const cloudfoundry = identityOf('cloudfoundry', { user_id: '683ea748-3092-4ff4-b656-39cacc4d5360' })
const kubernetes = identityOf('kubernetes', {
  username: 'duke',
  uid: 'c2dde242',
  groups: ['admin'],
  extra: { mydata: ['data1'] },
})

const ofCloudFoundry: Json = {
  platform: 'cloudfoundry',
  organization_guid: 'org-guid',
  organization_name: 'Musterstadt',
  organization_annotations: { 'prefix.example/kept': 'ä', empty: '' },
  space_guid: 'space-guid',
  space_name: 'IT-Amt',
  space_annotations: {},
}
const ofCloudFoundryInstance: Json = {
  ...ofCloudFoundry,
  instance_name: 'fachverfahren-db',
  instance_annotations: { 'a.example/b': 'c' },
}
const ofKubernetes: Json = {
  platform: 'kubernetes',
  namespace: 'amt',
  namespace_annotations: { 'a.example/b': 'c' },
  clusterid: '644e1dd7',
}
const ofKubernetesInstance: Json = {
  ...ofKubernetes,
  instance_name: 'db',
  instance_annotations: {},
}

interface Life {
  readonly site: Site
  /** The requests to the provider, in the order of the platform's calls. */
  readonly provision: RequestRecord
  readonly update: RequestRecord
  readonly bind: RequestRecord
}

interface PlatformContext {
  readonly instance: Json | undefined
  readonly binding: Json | undefined
  readonly headers: Record<string, string>
  readonly bindResource?: Json
}

/** Provisions, updates and binds with this context at a synchronous or asynchronous provider. */
async function live(
  t: Test,
  { instance, binding, headers, bindResource }: PlatformContext,
  mode: 'sync' | 'async' = 'sync',
): Promise<Life> {
  const site = await openSite(kontor, `ctx-${++sites}`, mode)
  const paths = pathsOf(site.name)
  const query = mode === 'async' ? '?accepts_incomplete=true' : ''
  const send = async (method: string, path: string, body: Json): Promise<void> => {
    const reply = await call(method, `${path}${query}`, body, headers)
    t.ok(reply.status < 300, reply.text)
    if (reply.status === 202)
      t.equal((await finished(call, path, reply.body.operation)).body.state, 'succeeded')
  }
  const inside = (context: Json | undefined) => (context === undefined ? {} : { context })
  await send('PUT', paths.instance, { ...site.small, ...here, ...inside(instance) })
  await send('PATCH', paths.instance, { ...site.large, ...inside(instance) })
  await send('PUT', paths.binding, {
    ...site.large,
    ...inside(binding),
    ...(bindResource === undefined ? {} : { bind_resource: bindResource }),
  })
  const [provision] = site.requests('PUT', 'instance')
  const [update] = site.requests('PATCH')
  const [bind] = site.requests('PUT', 'binding')
  if (provision === undefined || update === undefined || bind === undefined)
    throw new Error('An order did not reach the provider.')
  return { site, provision, update, bind }
}

const contextOf = ({ body }: RequestRecord) => (body as { context?: Json }).context
const contexts = ({ provision, update, bind }: Life) => [provision, update, bind].map(contextOf)

row('CTX-01 a context keeps its platform, and Kontor adds none', async (t) => {
  t.strictSame(
    contexts(
      await live(t, { instance: ofCloudFoundryInstance, binding: ofCloudFoundry, headers: {} }),
    ).map((context) => context?.['platform']),
    Array(3).fill('cloudfoundry'),
  )
  const without = await live(t, { instance: undefined, binding: undefined, headers: cloudfoundry })
  for (const { body } of [without.provision, without.update, without.bind])
    t.notOk('context' in (body as Json))
})

row('CTX-02 identity and context name the same platform, in later calls too', async (t) => {
  for (const [context, headers] of [
    [ofCloudFoundryInstance, cloudfoundry],
    [ofKubernetesInstance, kubernetes],
  ] as const) {
    for (const mode of ['sync', 'async'] as const) {
      const { site, provision, update, bind } = await live(
        t,
        { instance: context, binding: context, headers },
        mode,
      )
      for (const request of [provision, update, bind]) {
        t.equal(
          request.headers['x-broker-api-originating-identity'],
          headers['x-broker-api-originating-identity'],
          'verbatim',
        )
        t.equal(
          request.headers['x-broker-api-originating-identity']?.split(' ')[0],
          contextOf(request)?.['platform'],
        )
      }
      // A request that no user caused carries no identity.
      for (const request of site.requests('GET'))
        t.equal(request.headers['x-broker-api-originating-identity'], undefined, request.path)
    }
  }
})

row(
  'CTX-03 Cloud Foundry: provision and update reach the provider with all that the profile asks for',
  async (t) => {
    const { provision, update } = await live(t, {
      instance: ofCloudFoundryInstance,
      binding: ofCloudFoundry,
      headers: cloudfoundry,
    })
    for (const context of [contextOf(provision), contextOf(update)]) {
      for (const name of [
        'organization_guid',
        'organization_name',
        'space_guid',
        'space_name',
        'instance_name',
      ])
        t.match(context?.[name], /\S/, name)
      t.strictSame(context, ofCloudFoundryInstance)
    }
  },
)

row(
  'CTX-04 Cloud Foundry: a bind has the same without instance_name, which Kontor knows and does not add',
  async (t) => {
    const { bind } = await live(t, {
      instance: ofCloudFoundryInstance,
      binding: ofCloudFoundry,
      headers: cloudfoundry,
    })
    t.strictSame(contextOf(bind), ofCloudFoundry)
  },
)

row('CTX-05 Cloud Foundry: annotations are passed on, empty ones too', async (t) => {
  const annotations = {
    organization_annotations: {},
    space_annotations: { 'a.example/b': '1', c: 'ß€😀' },
    instance_annotations: { d: '' },
  }
  const { provision, update } = await live(t, {
    instance: { ...ofCloudFoundryInstance, ...annotations },
    binding: ofCloudFoundry,
    headers: cloudfoundry,
  })
  const sent = { ...ofCloudFoundryInstance, ...annotations }
  t.strictSame([contextOf(provision), contextOf(update)], [sent, sent])
})

row(
  'CTX-06 Kubernetes: provision, update and bind reach the provider with all that the profile asks for',
  async (t) => {
    const life = await live(t, {
      instance: ofKubernetesInstance,
      binding: ofKubernetes,
      headers: kubernetes,
    })
    t.strictSame(contexts(life), [ofKubernetesInstance, ofKubernetesInstance, ofKubernetes])
  },
)

row('CTX-07 Kubernetes: annotations are passed on', async (t) => {
  const annotations = {
    namespace_annotations: { 'a.example/b': 'c', '': 'd' },
    instance_annotations: { e: 'f' },
  }
  const { provision } = await live(t, {
    instance: { ...ofKubernetesInstance, ...annotations },
    binding: ofKubernetes,
    headers: kubernetes,
  })
  t.match(contextOf(provision), annotations)
})

row('CTX-08 an older platform that does not know a property yet is served', async (t) => {
  const older: ReadonlyArray<readonly [version: string, context: Json]> = [
    ['2.13', { platform: 'cloudfoundry', organization_guid: 'o', space_guid: 's' }],
    ['2.13', { platform: 'kubernetes', namespace: 'n' }],
    ['2.14', { platform: 'kubernetes', namespace: 'n', clusterid: 'c' }],
    [
      '2.15',
      {
        platform: 'cloudfoundry',
        organization_guid: 'o',
        organization_name: 'O',
        space_guid: 's',
        space_name: 'S',
        instance_name: 'i',
      },
    ],
  ]
  for (const [version, context] of older) {
    const life = await live(t, {
      instance: context,
      binding: context,
      headers: { 'x-broker-api-version': version },
    })
    t.strictSame(contexts(life), [context, context, context], version)
  }
})

row(
  'CTX-09 no context, an unknown platform and properties of its own are accepted and kept unchanged',
  async (t) => {
    const odd: Json = {
      platform: 'verwaltungsportal',
      'x-own': { deep: [{ er: [1, 2.5, null, true, 'ü'] }] },
      zero: 0,
      no: null,
      list: [],
    }
    t.strictSame(contexts(await live(t, { instance: odd, binding: odd, headers: {} }, 'async')), [
      odd,
      odd,
      odd,
    ])
    t.strictSame(contexts(await live(t, { instance: {}, binding: {}, headers: {} })), [{}, {}, {}])
    t.strictSame(
      contexts(await live(t, { instance: undefined, binding: undefined, headers: {} })),
      [undefined, undefined, undefined],
    )
  },
)

row(
  'CTX-10 names, annotations and clusterid may change without making it another instance or binding',
  async (t) => {
    for (const [mode, query] of [
      ['sync', ''],
      ['async', '?accepts_incomplete=true'],
    ] as const) {
      const { site } = await live(
        t,
        { instance: ofKubernetesInstance, binding: ofKubernetes, headers: kubernetes },
        mode,
      )
      const paths = pathsOf(site.name)
      const renamed = { ...ofKubernetes, clusterid: 'another', namespace_annotations: {} }
      const again = await call(
        'PUT',
        `${paths.instance}${query}`,
        { ...site.large, ...here, context: { ...renamed, instance_name: 'renamed' } },
        kubernetes,
      )
      t.equal(again.status, 200, again.text)
      const bound = await call(
        'PUT',
        `${paths.binding}${query}`,
        { ...site.large, context: renamed },
        kubernetes,
      )
      t.equal(bound.status, 200, bound.text)
      t.match(site.simulator.state(), {
        effects: { provisioned: 1, bound: 1 },
        duplicates: { length: 0 },
      })
    }
    // Two instances may share all of these values.
    const site = await openSite(kontor, `ctx-${++sites}`, 'sync')
    for (const id of ['one', 'two'])
      t.equal(
        (
          await call('PUT', `/v2/service_instances/${site.name}-${id}`, {
            ...site.small,
            ...here,
            context: ofCloudFoundryInstance,
          })
        ).status,
        201,
      )
    t.equal(site.simulator.state().instances.length, 2)
  },
)

row('CTX-11 Cloud Foundry: bind_resource is passed on as it is, nothing added', async (t) => {
  for (const bindResource of [
    { app_guid: 'app-1', space_guid: 'space-guid', app_annotations: { 'a.example/b': 'c' } },
    { app_guid: 'app-1', app_annotations: {} },
    { credential_client_id: 'client-1', space_guid: 'space-guid' },
    { route: 'app.example.com/path', 'x-own': [1] },
  ]) {
    const { bind } = await live(t, {
      instance: ofCloudFoundryInstance,
      binding: ofCloudFoundry,
      headers: cloudfoundry,
      bindResource,
    })
    t.strictSame((bind.body as Json)['bind_resource'], bindResource)
  }
  const { bind } = await live(t, {
    instance: ofCloudFoundryInstance,
    binding: ofCloudFoundry,
    headers: cloudfoundry,
  })
  t.notOk('bind_resource' in (bind.body as Json))
})

row(
  'CTX-12 credential_client_id goes to the provider, and its CredHub reference comes back, both unchanged',
  async (t) => {
    const site = await openSite(kontor, `ctx-${++sites}`, 'sync')
    const paths = pathsOf(site.name)
    await site.prepare('bind')
    const credentials = { 'credhub-ref': '/c/broker/db/5f3c/credentials' }
    site.strike('bind', { status: 201, body: { credentials } }, 'after')
    const bound = await call(
      'PUT',
      paths.binding,
      {
        ...site.small,
        context: ofCloudFoundry,
        bind_resource: { credential_client_id: 'client-1' },
      },
      cloudfoundry,
    )
    t.strictSame([bound.status, bound.body], [201, { credentials }])
    t.match(site.requests('PUT', 'binding')[0]?.body, {
      bind_resource: { credential_client_id: 'client-1' },
    })
    t.strictSame((await call('GET', paths.binding)).body, { credentials })
  },
)
