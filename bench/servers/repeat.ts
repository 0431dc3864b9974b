import { get, type IncomingMessage, type RequestListener } from 'node:http'

export interface RepeatOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

// Node writes these itself.
const own = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding'])

/**
 * Asks once, and answers every request with the same status, headers and bytes, whatever it holds.
 */
export async function repeatServer({ url, headers }: RepeatOptions): Promise<RequestListener> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers: { ...headers } }, resolve).once('error', reject)
  })
  const body = Buffer.concat((await answer.toArray()) as Buffer[])
  const status = answer.statusCode ?? 0
  const kept = Object.entries(answer.headers).flatMap(([name, value]) =>
    own.has(name) || value === undefined ? [] : [name, String(value)],
  )
  return (_request, response) => {
    response.writeHead(status, kept)
    response.end(body)
  }
}
