// Server-sent events over real HTTP.
import { request, type IncomingMessage } from 'node:http'
import type { Teardown } from './teardown.ts'
import { until } from './kontor.ts'

export interface Events {
  readonly reply: IncomingMessage
  /** All that has arrived. */
  text(): string
  /** Waits until this has arrived. */
  arrives(text: string): Promise<void>
  /** Waits until the server has ended the answer. */
  end(): Promise<void>
}

export async function openEvents(
  t: Teardown,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Events> {
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, { headers: { accept: 'text/event-stream', ...headers } }, resolve)
    sent.on('error', reject)
    sent.end()
  })
  t.teardown(() => reply.destroy())
  let text = ''
  reply.setEncoding('utf8')
  reply.on('data', (chunk: string) => {
    text += chunk
  })
  // A connection that the server has cut.
  reply.on('error', () => {})
  const has = async (is: () => boolean) => {
    await until(
      () => ({ is: is(), text }),
      (seen) => seen.is,
      20_000,
    )
  }
  return {
    reply,
    text: () => text,
    arrives: (wanted) => has(() => text.includes(wanted)),
    end: () => has(() => reply.complete || reply.destroyed),
  }
}
