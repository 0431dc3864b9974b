// Kysely sends each query as text, which Postgres would parse and plan anew each time. Kontor's queries are few and their
// texts repeat, so each connection prepares them once.
import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import pg from 'pg'

// A query with a list of changing length has a new text each time. Beyond this many texts Kontor prepares no new ones.
const maxStatements = 500
const names = new Map<string, string>()

const isData = /^\s*(with|select|insert|update|delete)\b/i
const isPlannedAnew = /^\s*\/\* planned anew \*\//
// Transaction control, settings and definitions have no plan to keep, and take no values.
const isCommand =
  /^\s*(begin|start|commit|rollback|savepoint|release|set|show|lock|alter|create|drop|truncate|do|grant|revoke|analyze|vacuum)\b/i

/**
 * The name under which a connection prepares a statement: a digest of its text. A pooler in transaction mode may hand a
 * connection on that another process prepared statements on; names that count up would run that process's statement.
 * @returns undefined for a statement that is not prepared
 * @throws Error for a statement that is neither prepared nor marked `planned anew`: its author forgot to decide
 */
function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined) return known
  if (isPlannedAnew.test(text) || isCommand.test(text)) return undefined
  if (!isData.test(text))
    throw new Error(
      `A statement must begin with "with", "select", "insert", "update" or "delete", or be marked "/* planned anew */": ${text.slice(0, 80)}`,
    )
  if (names.size >= maxStatements) return undefined
  const name = `kontor_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
  names.set(text, name)
  return name
}

type AnyQuery = (...args: unknown[]) => unknown

/**
 * A client that prepares what it is asked by `query(text, values)`. For `new Pool({ Client })`. A statement that begins
 * with the comment "planned anew" is not prepared: its plan depends on what its tables hold at that moment.
 */
export class PreparingClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    // The overloads of pg's query cannot be restated in a subclass, so it is replaced on the object.
    const plain = super.query.bind(this) as AnyQuery
    const prepared: AnyQuery = (text, values, ...rest) => {
      const isQuery = typeof text === 'string' && Array.isArray(values)
      const name = isQuery ? nameOf(text) : undefined
      const answer =
        name === undefined ? plain(text, values, ...rest) : plain({ name, text, values }, ...rest)
      return answer instanceof Promise
        ? answer.catch((error: unknown) => {
            this.#closeIfUseless(error)
            throw error
          })
        : answer
    }
    this.query = prepared as typeof this.query
  }

  // A connection that no longer answers, or that leads to a server which is no longer the primary, would fail its next
  // user too. The pool replaces a closed one.
  #closeIfUseless(error: unknown): void {
    const isUseless =
      error instanceof Error &&
      (error.message === 'Query read timeout' || ('code' in error && error.code === '25006'))
    if (isUseless)
      (this as unknown as { connection: { stream: Duplex } }).connection.stream.destroy()
  }
}
