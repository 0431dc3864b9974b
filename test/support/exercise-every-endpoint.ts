import { finished, here, until, type Reply, type TestKontor } from './kontor.ts'
import { accepted, type ScriptedProvider } from './scripted-provider.ts'
import { answer, type Received } from './scripted-upstream.ts'

/**
 * Makes Kontor call all ten endpoints of the provider: asynchronous orders, a fetch after an update
 * with an unclear outcome, orphan mitigation, a catalog refresh.
 * @returns the requests that the provider received
 */
export async function exerciseEveryEndpoint(
  { call, find }: TestKontor,
  provider: ScriptedProvider,
  headers: Record<string, string> = {},
): Promise<Received[]> {
  const { name } = provider
  const small = await find(name, 'db', 'small')
  const I = `/v2/service_instances/${name}-whole-life`
  const B = `${I}/service_bindings/${name}-b`
  const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}&accepts_incomplete=true`
  const order = async (method: string, path: string, query: string, body?: object) => {
    const reply: Reply = await call(method, `${path}?${query}`, body, headers)
    if (reply.status >= 300) throw new Error(`The order failed: ${reply.status} ${reply.text}`)
    if (reply.status === 202) await finished(call, path, reply.body.operation)
  }
  provider.reset()
  provider.respond({
    provision: accepted({ operation: 'op 1' }),
    update: [answer(200), answer(500)],
    bind: accepted({ operation: 'op 2' }),
  })
  await order('PUT', I, 'accepts_incomplete=true', { ...small, ...here })
  for (const size of [1, 2])
    await order('PATCH', I, 'accepts_incomplete=true', {
      service_id: small.service_id,
      parameters: { size },
    })
  await order('PUT', B, 'accepts_incomplete=true', small)
  await order('DELETE', B, ids)
  await order('DELETE', I, ids)
  provider.respond({ provision: answer(500) })
  await call('PUT', `${I}-orphan`, { ...small, ...here }, headers)
  await until(
    () => provider.requests('deprovision').length,
    (deletes) => deletes === 2,
  )
  await provider.refresh()
  return [...provider.upstream.requests]
}
