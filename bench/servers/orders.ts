import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import pg from 'pg'
import { Pool } from 'undici'
import { textOf } from './text-of.ts'

export interface OrdersOptions {
  readonly databaseUrl: string
  readonly connections: number
  readonly simulatorUrl: string
  readonly authorization: string
  /** What the simulator calls the offering and the plan. */
  readonly serviceId: string
  readonly planId: string
}

// Instances and bindings in one table: a binding has a parent.
const insert = {
  name: 'insert',
  text: `
    with parent as (
      select upstream_id from bench.resources where external_id = $4 and state = 'ready'),
    resource as (
      insert into bench.resources (
        id, external_id, upstream_id, parent_upstream_id, state, created_at)
      values ($2, $3, $5, (select upstream_id from parent), 'ordered', $6)
      returning id, parent_upstream_id)
    insert into bench.resource_operations (id, resource_id, state, attempt, created_at)
    select $1, id, 'calling', 1, $6 from resource
    returning $5 as upstream_id, (select parent_upstream_id from resource) as parent_upstream_id`,
}
const insertDelete = {
  name: 'insert-delete',
  text: `
    with resource as (
      select id, upstream_id, parent_upstream_id from bench.resources
      where external_id = $2 and state = 'ready')
    insert into bench.resource_operations (id, resource_id, state, attempt, created_at)
    select $1, id, 'calling', 1, $3 from resource
    returning (select upstream_id from resource) as upstream_id,
      (select parent_upstream_id from resource) as parent_upstream_id`,
}
const settled = `
  with operation as (
    update bench.resource_operations set state = 'succeeded', finished_at = $2
    where id = $1 and attempt = 1 returning resource_id)`
const settle = {
  name: 'settle',
  text: `${settled} update bench.resources set state = 'ready', result = $3 from operation
    where id = resource_id`,
}
const settleDelete = {
  name: 'settle-delete',
  text: `${settled} delete from bench.resources using operation where id = resource_id`,
}

interface Row {
  readonly upstream_id: string
  readonly parent_upstream_id: string | null
}

/**
 * The least that keeps the promise "intent before effect" for an instance or a binding that is made
 * or deleted: one statement, the call, one statement. Nothing is checked or encrypted.
 */
export async function ordersServer(options: OrdersOptions): Promise<RequestListener> {
  const database = new pg.Pool({ connectionString: options.databaseUrl, max: options.connections })
  const provider = new Pool(options.simulatorUrl, { pipelining: 1 })
  const headers = {
    authorization: options.authorization,
    'x-broker-api-version': '2.17',
    'content-type': 'application/json',
  }
  const ids = `service_id=${options.serviceId}&plan_id=${options.planId}`

  const order = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
    const [, instanceId, bindingId] =
      /service_instances\/([^/?]*)(?:\/service_bindings\/([^?]*))?/.exec(request.url ?? '') ?? []
    const [operationId, isDelete, now] = [randomUUID(), request.method === 'DELETE', new Date()]
    const externalId = bindingId ?? instanceId
    const sent = JSON.parse((await textOf(request)) || '{}') as object
    const parent = bindingId === undefined ? null : instanceId
    const { rows } = isDelete
      ? await database.query<Row>({ ...insertDelete, values: [operationId, externalId, now] })
      : await database.query<Row>({
          ...insert,
          values: [operationId, randomUUID(), externalId, parent, randomUUID(), now],
        })
    const [row] = rows
    if (row === undefined) return { status: 404, body: '{}' }
    const path =
      row.parent_upstream_id === null
        ? `/v2/service_instances/${row.upstream_id}`
        : `/v2/service_instances/${row.parent_upstream_id}/service_bindings/${row.upstream_id}`
    const reply = await provider.request({
      method: isDelete ? 'DELETE' : 'PUT',
      path: `${path}?accepts_incomplete=true${isDelete ? `&${ids}` : ''}`,
      headers,
      ...(isDelete
        ? {}
        : {
            body: JSON.stringify({
              ...sent,
              service_id: options.serviceId,
              plan_id: options.planId,
            }),
          }),
    })
    const body = await reply.body.text()
    await database.query(
      isDelete
        ? { ...settleDelete, values: [operationId, new Date()] }
        : { ...settle, values: [operationId, new Date(), body] },
    )
    return { status: reply.statusCode, body }
  }

  return (request, response) => {
    order(request).then(
      ({ status, body }) => {
        response.writeHead(status, {
          'content-type': 'application/json; charset=utf-8',
          'cache-control': 'no-store',
          'content-length': Buffer.byteLength(body),
        })
        response.end(body)
      },
      (error: unknown) => {
        response.writeHead(500, { 'content-length': Buffer.byteLength(String(error)) })
        response.end(String(error))
      },
    )
  }
}
