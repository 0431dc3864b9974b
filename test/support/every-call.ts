import type { Endpoint } from '../../tools/simulator/types.ts'
import { here } from './kontor.ts'

export interface OsbCall {
  readonly endpoint: Endpoint
  readonly method: string
  readonly path: string
  readonly body?: object
}

/** A well-formed call of each of the ten endpoints; the ids go into the path unencoded. */
export function everyCall(
  ids: { service_id: string; plan_id: string },
  instance = 'i',
  binding = 'b',
): OsbCall[] {
  const I = `/v2/service_instances/${instance}`
  const B = `${I}/service_bindings/${binding}`
  const query = `service_id=${ids.service_id}&plan_id=${ids.plan_id}`
  return [
    { endpoint: 'catalog', method: 'GET', path: '/v2/catalog' },
    { endpoint: 'provision', method: 'PUT', path: I, body: { ...ids, ...here } },
    { endpoint: 'fetch_instance', method: 'GET', path: I },
    {
      endpoint: 'update',
      method: 'PATCH',
      path: I,
      body: { service_id: ids.service_id, parameters: { size: 3 } },
    },
    { endpoint: 'last_operation', method: 'GET', path: `${I}/last_operation` },
    { endpoint: 'bind', method: 'PUT', path: B, body: ids },
    { endpoint: 'fetch_binding', method: 'GET', path: B },
    { endpoint: 'binding_last_operation', method: 'GET', path: `${B}/last_operation` },
    { endpoint: 'unbind', method: 'DELETE', path: `${B}?${query}` },
    { endpoint: 'deprovision', method: 'DELETE', path: `${I}?${query}` },
  ]
}
