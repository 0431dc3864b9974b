import type { RequestListener } from 'node:http'
import pg from 'pg'

export interface LastOperationOptions {
  readonly databaseUrl: string
  readonly connections: number
}

interface Row {
  readonly kind: string
  readonly state: string
  readonly description: string | null
}

const find = {
  name: 'find',
  text: `
    select kind, state, description, instance_usable, update_repeatable, next_step_at, finished_at
    from operations where id = $1`,
}

/**
 * Reads the operation that the query names by its primary key, with a prepared statement, and
 * checks nothing.
 */
export async function lastOperationServer({
  databaseUrl,
  connections,
}: LastOperationOptions): Promise<RequestListener> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connections })
  return (request, response) => {
    const url = request.url ?? ''
    pool.query<Row>({ ...find, values: [url.slice(url.indexOf('operation=') + 10)] }).then(
      ({ rows: [row] }) => {
        const body = JSON.stringify({ state: row?.state })
        response.writeHead(200, {
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
