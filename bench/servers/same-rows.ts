import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import pg from 'pg'
import { Pool } from 'undici'
import { newId } from '../../src/ids.ts'
import { idsOf, type OrderStatements, type Value } from '../rows/order-statements.ts'
import { textOf } from './text-of.ts'

export interface SameRowsOptions {
  /** Of a database with Kontor's schema. */
  readonly databaseUrl: string
  readonly connections: number
  readonly simulatorUrl: string
  readonly authorization: string
  /** What the simulator calls the offering and the plan. */
  readonly serviceId: string
  readonly planId: string
  readonly statements: OrderStatements
}

/** An order that is being carried out: what it puts into the gaps of the statements. */
interface Order {
  readonly instanceId: string
  readonly bindingId: string | undefined
  readonly instanceKey: string
  readonly ids: Map<string, string>
  version?: string
}

/**
 * Sends the statements that Kontor sends for an order, the last one after the call, and does
 * nothing else: it knows no users, checks nothing before, encrypts and logs nothing.
 */
export async function sameRowsServer(options: SameRowsOptions): Promise<RequestListener> {
  const database = new pg.Pool({ connectionString: options.databaseUrl, max: options.connections })
  const provider = new Pool(options.simulatorUrl, { pipelining: 1 })
  const { serviceId, planId } = options
  const headers = {
    authorization: options.authorization,
    'x-broker-api-version': '2.17',
    'content-type': 'application/json',
  }
  const instances = new Map<string, string>()
  const queries = {
    provision: queriesOf(options.statements.provision),
    bind: queriesOf(options.statements.bind),
  }

  const carryOut = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
    const sent = JSON.parse(await textOf(request)) as object
    const { instanceId, bindingId } = idsOf(request.url ?? '')
    const isBind = bindingId !== undefined
    const instanceKey = (isBind ? instances.get(instanceId) : undefined) ?? newId(new Date())
    const order: Order = { instanceId, bindingId, instanceKey, ids: new Map() }
    if (!isBind) instances.set(instanceId, instanceKey)
    const all = isBind ? queries.bind : queries.provision
    for (const query of all.slice(0, -1)) {
      const { rows } = await database.query<{ version?: string }>(query(order))
      order.version ??= rows[0]?.version ?? ''
    }
    const reply = await provider.request({
      method: 'PUT',
      path: `${(request.url ?? '').split('?')[0]}?accepts_incomplete=true`,
      headers,
      body: JSON.stringify({ ...sent, service_id: serviceId, plan_id: planId }),
    })
    const body = await reply.body.text()
    const last = all.at(-1)
    if (last !== undefined) await database.query(last(order))
    return { status: reply.statusCode, body }
  }

  return (request, response) => {
    carryOut(request).then(
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
        response.writeHead(500, { 'content-length': Buffer.byteLength(String(error)) })
        response.end(String(error))
      },
    )
  }
}

function queriesOf(statements: OrderStatements['bind']) {
  return statements.map(({ text, values }, index) => {
    const name = `${statements.length}-${index}`
    return (order: Order) => ({ name, text, values: values.map((value) => fill(value, order)) })
  })
}

function fill(value: Value, order: Order): unknown {
  if (value === null || typeof value === 'string') return value
  if ('base64' in value) return Buffer.from(value.base64, 'base64')
  if (value.is === 'now') return new Date()
  if (value.is !== 'id') return order[value.is]
  let id = order.ids.get(value.name)
  if (id === undefined) {
    id = value.version === '7' ? newId(new Date()) : randomUUID()
    order.ids.set(value.name, id)
  }
  return id
}
