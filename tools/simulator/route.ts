import { refuseBadRequest, Refusal } from './refusal.ts'
import type { Endpoint } from './types.ts'

export interface Route {
  endpoint: Endpoint
  instanceId: string
  bindingId: string
}

const instanceVerbs: Record<string, Endpoint> = {
  PUT: 'provision',
  PATCH: 'update',
  DELETE: 'deprovision',
  GET: 'fetch_instance',
}
const bindingVerbs: Record<string, Endpoint> = {
  PUT: 'bind',
  DELETE: 'unbind',
  GET: 'fetch_binding',
}

/** Every segment is decoded once, so an id may hold any character, %2F too. */
export function splitPath(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((segment) => {
      try {
        return decodeURIComponent(segment)
      } catch {
        return refuseBadRequest('The path holds a broken percent-encoding.')
      }
    })
}

/** The broker's ten endpoints, and the inventory beside them. */
export function findRoute(method: string, segments: string[]): Route {
  const [, kind, instanceId = '', third, bindingId = '', last] = segments
  const at = { instanceId, bindingId }
  if (segments[0] === 'inventory' && segments.length === 1)
    return { endpoint: pick({ GET: 'inventory' }, method), ...at }
  if (kind === 'catalog' && segments.length === 2)
    return { endpoint: pick({ GET: 'catalog' }, method), ...at }
  if (kind !== 'service_instances' || segments.length < 3 || segments.length > 6)
    throw new Refusal(404, 'There is no such endpoint.')
  if (instanceId === '') refuseBadRequest('The instance id in the path is empty.')
  if (segments.length === 3) return { endpoint: pick(instanceVerbs, method), ...at }
  if (segments.length === 4 && third === 'last_operation')
    return { endpoint: pick({ GET: 'last_operation' }, method), ...at }
  if (third !== 'service_bindings' || segments.length === 4)
    throw new Refusal(404, 'There is no such endpoint.')
  if (bindingId === '') refuseBadRequest('The binding id in the path is empty.')
  if (segments.length === 5) return { endpoint: pick(bindingVerbs, method), ...at }
  if (last === 'last_operation')
    return { endpoint: pick({ GET: 'binding_last_operation' }, method), ...at }
  throw new Refusal(404, 'There is no such endpoint.')
}

function pick(verbs: Record<string, Endpoint>, method: string): Endpoint {
  const endpoint = verbs[method]
  if (endpoint === undefined) throw new Refusal(405, `${method} is not allowed here.`)
  return endpoint
}
