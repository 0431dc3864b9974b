// How one platform sends requests: to either broker, with a timeout, repeated while the answer is
// inconclusive.
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { Broker } from './broker.ts'
import type { Random } from './random.ts'

/** `status` 0: no answer. The connection broke, or the platform timed out. */
export interface Reply {
  readonly status: number
  readonly text: string
  // What is in it depends on the status, and each caller looks at that first.
  // eslint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

export interface Asked {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: object | undefined
}

/** One exchange, for the report. */
export interface Exchange {
  readonly atMs: number
  readonly tookMs: number
  readonly broker: string
  readonly asked: string
  readonly status: number
  readonly text: string
}

/** The run has ended while a lifecycle still waits. */
export class RunEnded extends Error {}

export interface Platform {
  readonly name: string
  /** Sends one request to one broker, chosen at random or named. */
  send(asked: Asked, history: Exchange[], broker?: Broker): Promise<Reply>
  /**
   * Repeats a request while the connection breaks, or the answer is 5xx, 429 or 422
   * ConcurrencyError.
   * @returns the first other answer; `isDoubtful`: an earlier try may have taken effect
   * @throws RunEnded when the run is over
   */
  sendUntilAnswered(
    asked: Asked,
    history: Exchange[],
    maxTries?: number,
  ): Promise<Reply & { readonly isDoubtful: boolean }>
  pause(ms: number): Promise<void>
}

export interface PlatformDeps {
  readonly name: string
  readonly authorization: string
  readonly brokers: readonly Broker[]
  readonly random: Random
  /** Aborted at the end of the run. */
  readonly over: AbortSignal
}

const timeoutMs = 8_000

// Shared by all platforms. That a broker died shows with the next request, as in production.
const agent = new Agent({ connections: 128, keepAliveTimeout: 1_000 })

export function platformOf({ name, authorization, brokers, random, over }: PlatformDeps): Platform {
  const pause = async (ms: number): Promise<void> => {
    await delay(ms, undefined, { signal: over }).catch(() => {
      throw new RunEnded('The run is over.')
    })
  }

  const once = async ({ method, path, body }: Asked, broker: Broker): Promise<Reply> => {
    try {
      const reply = await request(`${broker.url}${path}`, {
        method,
        dispatcher: agent,
        signal: AbortSignal.any([over, AbortSignal.timeout(timeoutMs)]),
        headers: {
          authorization,
          'x-broker-api-version': '2.17',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await reply.body.text()
      return { status: reply.statusCode, text, body: JSON.parse(text) }
    } catch (error) {
      return { status: 0, text: String(error), body: undefined }
    }
  }

  const send: Platform['send'] = async (asked, history, broker = random.pick(brokers)) => {
    if (over.aborted) throw new RunEnded('The run is over.')
    const atMs = Date.now()
    const reply = await once(asked, broker)
    history.push({
      atMs,
      tookMs: Date.now() - atMs,
      broker: broker.name,
      asked: `${asked.method} ${asked.path} ${asked.body === undefined ? '' : JSON.stringify(asked.body)}`,
      status: reply.status,
      text: reply.text.slice(0, 400),
    })
    return reply
  }

  return {
    name,
    send,
    pause,
    async sendUntilAnswered(asked, history, maxTries = Infinity) {
      let isDoubtful = false
      for (let retries = 1; ; retries++) {
        // Now and then both processes get the request, as when a proxy in between repeats it.
        const isSentTwice = random.chance(0.08)
        const replies = await Promise.all(
          isSentTwice
            ? brokers.map((broker) => send(asked, history, broker))
            : [send(asked, history)],
        )
        isDoubtful ||= isSentTwice || replies.some(({ status }) => status === 0 || status >= 500)
        const reply =
          replies.find(({ status }) => status >= 200 && status < 300) ??
          replies.find((each) => !isInconclusive(each)) ??
          replies[0]
        if (reply === undefined) throw new Error('Nothing was asked.')
        if (!isInconclusive(reply) || retries >= maxTries) return { ...reply, isDoubtful }
        await pause(Math.min(100 * 1.6 ** retries, 1_500) * (0.5 + random.next()))
      }
    },
  }
}

/** Neither success nor failure. */
export function isInconclusive({ status, body }: Reply): boolean {
  return (
    status === 0 ||
    status >= 500 ||
    status === 429 ||
    (status === 422 && body?.error === 'ConcurrencyError')
  )
}
