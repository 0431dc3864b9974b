// How one platform asks: of either broker, with a limit, and again and again while the answer is no answer.
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { Broker } from './broker.ts'
import type { Random } from './random.ts'

/** `status` 0: there was none. The connection broke, or the platform gave up waiting. */
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

/** The run is over while a lifecycle still waits for something. */
export class GivenUp extends Error {}

export interface Platform {
  readonly name: string
  /** One request to one broker, chosen at random or named. */
  ask(asked: Asked, history: Exchange[], broker?: Broker): Promise<Reply>
  /**
   * Repeats a request while the connection breaks, or the answer is 5xx, 429 or 422 ConcurrencyError.
   * @returns the first other answer; `doubted`: an earlier try may have had an effect
   * @throws GivenUp when the run is over
   */
  insist(
    asked: Asked,
    history: Exchange[],
    most?: number,
  ): Promise<Reply & { readonly doubted: boolean }>
  pause(ms: number): Promise<void>
}

export interface PlatformDeps {
  readonly name: string
  readonly authorization: string
  readonly brokers: readonly Broker[]
  readonly random: Random
  /** Aborted when nothing more is waited for. */
  readonly over: AbortSignal
}

const patienceMs = 8_000

// One for all platforms; a broker that died is told by the next request, as in life.
const agent = new Agent({ connections: 128, keepAliveTimeout: 1_000 })

export function platformOf({ name, authorization, brokers, random, over }: PlatformDeps): Platform {
  const pause = async (ms: number): Promise<void> => {
    await delay(ms, undefined, { signal: over }).catch(() => {
      throw new GivenUp('The run is over.')
    })
  }

  const once = async ({ method, path, body }: Asked, broker: Broker): Promise<Reply> => {
    try {
      const reply = await request(`${broker.url}${path}`, {
        method,
        dispatcher: agent,
        signal: AbortSignal.any([over, AbortSignal.timeout(patienceMs)]),
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

  const ask: Platform['ask'] = async (asked, history, broker = random.pick(brokers)) => {
    if (over.aborted) throw new GivenUp('The run is over.')
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
    ask,
    pause,
    async insist(asked, history, most = Infinity) {
      let doubted = false
      for (let retries = 1; ; retries++) {
        // Now and then both processes get it at once, as when a proxy in between repeats it.
        const isDoubled = random.chance(0.08)
        const replies = await Promise.all(
          isDoubled ? brokers.map((broker) => ask(asked, history, broker)) : [ask(asked, history)],
        )
        doubted ||= isDoubled || replies.some(({ status }) => status === 0 || status >= 500)
        const reply =
          replies.find(({ status }) => status >= 200 && status < 300) ??
          replies.find((each) => !isToRepeat(each)) ??
          replies[0]
        if (reply === undefined) throw new Error('Nothing was asked.')
        if (!isToRepeat(reply) || retries >= most) return { ...reply, doubted }
        await pause(Math.min(100 * 1.6 ** retries, 1_500) * (0.5 + random.next()))
      }
    },
  }
}

/** Neither a yes nor a no. */
export function isToRepeat({ status, body }: Reply): boolean {
  return (
    status === 0 ||
    status >= 500 ||
    status === 429 ||
    (status === 422 && body?.error === 'ConcurrencyError')
  )
}
