// Kysely sends each query as text to be parsed and planned anew. Our queries are few and always the same, so each
// connection prepares them once, under a name made from the text. Not one that begins with a comment: that is planned anew
// each time, by what its tables hold then.
import type { Duplex } from 'node:stream'
import pg from 'pg'

// A list of values of changing length makes a new text each time; beyond this many texts nothing new is prepared.
const maxStatements = 500
const names = new Map<string, string>()

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= maxStatements || !/^(with|select|insert|update|delete)\b/i.test(text))
    return undefined
  const name = `kontor_${names.size + 1}`
  names.set(text, name)
  return name
}

type AnyQuery = (...args: unknown[]) => unknown

/** A client whose `query(text, values)` is a prepared statement of the same text. For `new Pool({ Client })`. */
export class PreparingClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    // The overloads of pg's query cannot be restated in a subclass, so it is replaced on the object.
    const plain = super.query.bind(this) as AnyQuery
    const prepared: AnyQuery = (text, values, ...rest) => {
      const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined
      const answer =
        name === undefined ? plain(text, values, ...rest) : plain({ name, text, values }, ...rest)
      return answer instanceof Promise
        ? answer.catch((error: unknown) => {
            throw this.#leaveIfUseless(error)
          })
        : answer
    }
    this.query = prepared as typeof this.query
  }

  // A connection that no longer answers, or leads to a server that is no longer the primary, is of no use to the next
  // who gets it from the pool: cut, it is replaced by a new one.
  #leaveIfUseless(error: unknown): unknown {
    const isUseless =
      error instanceof Error &&
      (error.message === 'Query read timeout' || ('code' in error && error.code === '25006'))
    if (isUseless)
      (this as unknown as { connection: { stream: Duplex } }).connection.stream.destroy()
    return error
  }
}
