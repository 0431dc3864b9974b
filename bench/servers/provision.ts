import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import pg from 'pg'
import { Pool } from 'undici'
import { textOf } from './text-of.ts'

export interface ProvisionOptions {
  readonly databaseUrl: string
  readonly connections: number
  readonly simulatorUrl: string
  readonly authorization: string
  /** What the simulator calls the offering and the plan. */
  readonly serviceId: string
  readonly planId: string
  /**
   * How the two rows of the intent are written: `transaction` as one writes it down by hand (begin,
   * two inserts, commit), `statement` as one statement, the least that the database can be asked
   * for.
   */
  readonly intent: 'transaction' | 'statement'
}

const instance = `
  insert into bench.instances (id, instance_id, upstream_id, service_id, plan_id, context,
    parameters, state, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, 'provisioning', $8)`
const operation = `
  insert into bench.operations (id, instance_key, instance_id, kind, state, attempt, created_at)
  values`
const both = {
  name: 'both',
  text: `with instance as (${instance}) ${operation} ($9, $1, $2, 'provision', 'calling', 1, $8)`,
}
const insertInstance = { name: 'instance', text: instance }
const insertOperation = {
  name: 'operation',
  text: `${operation} ($1, $2, $3, 'provision', 'calling', 1, $4)`,
}
const settle = {
  name: 'settle',
  text: `
    update bench.operations set state = 'succeeded', finished_at = $2
    where id = $1 and attempt = 1`,
}

interface Order {
  readonly context: unknown
  readonly parameters: unknown
}

/**
 * The least that keeps the promise "intent before effect": commit, call, commit. Nothing is
 * checked, and a repeated order is not recognised.
 */
export async function provisionServer(options: ProvisionOptions): Promise<RequestListener> {
  const database = new pg.Pool({ connectionString: options.databaseUrl, max: options.connections })
  const provider = new Pool(options.simulatorUrl, { pipelining: 1 })
  const headers = {
    authorization: options.authorization,
    'x-broker-api-version': '2.17',
    'content-type': 'application/json',
  }
  const writeIntent =
    options.intent === 'statement' ? inStatement(database) : inTransaction(database)

  const provision = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
    const order = JSON.parse(await textOf(request)) as Order
    const [key, operationId, upstreamId] = [randomUUID(), randomUUID(), randomUUID()]
    const instanceId = /service_instances\/([^?]*)/.exec(request.url ?? '')?.[1]
    const values = [
      key,
      instanceId,
      upstreamId,
      options.serviceId,
      options.planId,
      JSON.stringify(order.context),
      JSON.stringify(order.parameters),
      new Date(),
    ]
    await writeIntent(values, operationId)
    const reply = await provider.request({
      method: 'PUT',
      path: `/v2/service_instances/${upstreamId}?accepts_incomplete=true`,
      headers,
      body: JSON.stringify({ ...order, service_id: options.serviceId, plan_id: options.planId }),
    })
    const body = await reply.body.text()
    await database.query({ ...settle, values: [operationId, new Date()] })
    return { status: reply.statusCode, body }
  }

  return (request, response) => {
    provision(request).then(
      ({ status, body }) => {
        response.writeHead(status, {
          'content-type': 'application/json; charset=utf-8',
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          'content-length': Buffer.byteLength(body),
        })
        response.end(body)
      },
      (error: unknown) => {
        response.writeHead(500)
        response.end(String(error))
      },
    )
  }
}

type WriteIntent = (values: readonly unknown[], operationId: string) => Promise<void>

function inTransaction(database: pg.Pool): WriteIntent {
  return async (values, operationId) => {
    const client = await database.connect()
    try {
      await client.query('begin')
      await client.query({ ...insertInstance, values: [...values] })
      await client.query({
        ...insertOperation,
        values: [operationId, values[0], values[1], values[7]],
      })
      await client.query('commit')
    } finally {
      client.release()
    }
  }
}

function inStatement(database: pg.Pool): WriteIntent {
  return async (values, operationId) => {
    await database.query({ ...both, values: [...values, operationId] })
  }
}
