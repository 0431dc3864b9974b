// Kysely sends each query as text, which Postgres would parse and plan each time. Kontor has few
// different query texts, so each connection prepares them once.
import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { CompiledQuery, type Kysely } from 'kysely'
import pg from 'pg'
import type { DB } from './schema.gen.ts'

// A query with a list of varying length has a new text each time. Beyond this number of texts
// Kontor prepares no new ones.
const maxStatements = 500
const names = new Map<string, string>()

const isData = /^\s*(with|select|insert|update|delete)\b/i
const isPlannedAnew = /^\s*\/\* planned anew(?:, takes long)? \*\//
const takesLong = /^\s*\/\* planned anew, takes long \*\//
const longMs = 15 * 60_000
// Transaction control, settings and definitions have no plan to reuse.
const commands =
  'begin start commit rollback savepoint release set show lock alter create drop truncate do ' +
  'grant revoke analyze vacuum'
const isCommand = new RegExp(`^\\s*(${commands.replaceAll(' ', '|')})\\b`, 'i')

/**
 * The name of a prepared statement: a digest of its text. A pooler in transaction mode may pass on
 * a connection on which another process prepared statements; with sequential names, Kontor would
 * run that process's statement.
 * @returns undefined for a statement that is not prepared
 * @throws Error for a statement that is neither prepared nor marked `planned anew`: its author
 *   forgot to decide
 */
function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined) return known
  if (isPlannedAnew.test(text) || isCommand.test(text)) return undefined
  if (!isData.test(text))
    throw new Error(
      'A statement must begin with "with", "select", "insert", "update" or "delete", ' +
        `or be marked "/* planned anew */": ${text.slice(0, 80)}`,
    )
  if (names.size >= maxStatements) return undefined
  const name = `kontor_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
  names.set(text, name)
  return name
}

type AnyQuery = (...args: unknown[]) => unknown

/** What pg makes of the columns that a statement returns, as the server describes them. */
interface Shape {
  fields: unknown
  _parsers: unknown
  _prebuiltEmptyResultObject: unknown
}

interface Connection {
  describe(portal: object): void
  _send(message: Buffer): void
}

// What pg's Query has, and its types do not name.
interface PgQuery {
  prepare(connection: Connection): void
  handleRowDescription(description: object): void
  _result: Shape
  _accumulateRows: boolean
}
const pgQuery = pg.Query.prototype as unknown as PgQuery

/** The prepared statements that a connection has described. */
class Described {
  readonly byName = new Map<string, Shape>()
  /** The connection, but it asks the server for no description, and gathers what it sends. */
  readonly gathering: Connection
  readonly #connection: Connection
  #messages: Buffer[] = []

  constructor(connection: Connection) {
    this.#connection = connection
    this.gathering = Object.create(connection, {
      describe: { value: () => {} },
      _send: { value: (message: Buffer) => this.#messages.push(message) },
    }) as Connection
  }

  /** Sends what was gathered in one piece. */
  send(): void {
    const messages = this.#messages
    this.#messages = []
    this.#connection._send(Buffer.concat(messages))
  }
}
const describedOf = new WeakMap<Connection, Described>()

/**
 * A query by name. Made of a text, because pg copies a config object with all its property
 * descriptors, which costs some microseconds. The server describes what it returns only once on a
 * connection, not each time: it refuses to run a statement that returns anything else than when it
 * was prepared. From then on its messages are one piece, for a stream takes some microseconds more
 * for several.
 */
class PreparedQuery extends pg.Query {
  declare readonly name: string
  declare private described: Described | undefined
  declare _result: Shape
  declare _accumulateRows: boolean

  constructor(
    name: string,
    text: string,
    values: unknown[],
    callback: (error: Error | null | undefined, result: unknown) => void,
  ) {
    super(text, values, callback)
    this.name = name
  }

  prepare(connection: Connection): void {
    let described = describedOf.get(connection)
    if (described === undefined) {
      described = new Described(connection)
      describedOf.set(connection, described)
    }
    const shape = described.byName.get(this.name)
    if (shape === undefined) {
      this.described = described
      pgQuery.prepare.call(this as unknown as PgQuery, connection)
      return
    }
    const result = this._result
    result.fields = shape.fields
    result._parsers = shape._parsers
    result._prebuiltEmptyResultObject = shape._prebuiltEmptyResultObject
    this._accumulateRows = true
    pgQuery.prepare.call(this as unknown as PgQuery, described.gathering)
    described.send()
  }

  handleRowDescription(description: object): void {
    pgQuery.handleRowDescription.call(this as unknown as PgQuery, description)
    const { fields, _parsers, _prebuiltEmptyResultObject } = this._result
    this.described?.byName.set(this.name, { fields, _parsers, _prebuiltEmptyResultObject })
  }
}

/**
 * A client for `new Pool({ Client })` that prepares the statements of `query(text, values)`, except
 * those that begin with the comment "planned anew": their best plan depends on the current content
 * of the tables. One that begins with "planned anew, takes long" reads large tables for no request:
 * the client waits a quarter of an hour for it, and its transaction sets `statement_timeout`.
 */
export class PreparingClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    // A subclass cannot restate the overloads of pg's `query`, so this replaces it on the object.
    const plain = super.query.bind(this) as AnyQuery
    const prepared: AnyQuery = (text, values, ...rest) => {
      const isQuery = typeof text === 'string' && Array.isArray(values) && rest.length === 0
      const name = isQuery ? nameOf(text) : undefined
      if (isQuery && name !== undefined) {
        const { promise, resolve, reject } = Promise.withResolvers<unknown>()
        const query = new PreparedQuery(name, text, values, (error, result) => {
          if (error === null || error === undefined) resolve(result)
          else reject(this.#checked(error))
        })
        plain(query)
        return promise
      }
      const answer =
        isQuery && takesLong.test(text)
          ? plain({ text, values, query_timeout: longMs })
          : plain(text, values, ...rest)
      return answer instanceof Promise
        ? answer.catch((error: unknown) => {
            throw this.#checked(error)
          })
        : answer
    }
    this.query = prepared as typeof this.query
  }

  // A connection that no longer answers, or whose server is no longer the primary (25006), would
  // fail its next query too. The pool replaces a closed connection.
  #checked<Thrown>(error: Thrown): Thrown {
    const isUnusable =
      error instanceof Error &&
      (error.message === 'Query read timeout' || ('code' in error && error.code === '25006'))
    if (isUnusable)
      (this as unknown as { connection: { stream: Duplex } }).connection.stream.destroy()
    return error
  }
}

/** The pool of each open database. */
export const pools = new WeakMap<Kysely<DB>, pg.Pool>()

/**
 * Sends a statement as it is. It goes past kysely, whose layers take some microseconds, unless a
 * transaction is open.
 * @returns its rows, whose type the caller vouches for
 */
export async function queryText<Row>(
  db: Kysely<DB>,
  text: string,
  values: unknown[],
): Promise<readonly Row[]> {
  const pool = pools.get(db)
  if (pool === undefined) return (await db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows
  const client = await pool.connect()
  try {
    return (await client.query(text, values)).rows as readonly Row[]
  } finally {
    client.release()
  }
}
