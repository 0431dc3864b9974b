// Streams of server-sent events: how many there may be, for whom, and when they end.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BrokerError } from '../../errors.ts'
import type { Followed, FollowedState } from '../../orders/live/followed.ts'
import type { Watcher } from '../../orders/live/watch.ts'
import { coded, type Log } from '../../log.ts'
import { defineCounter } from '../../telemetry/counter.ts'
import { addLabelledGauge } from '../../telemetry/labelled-gauge.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { accessScopeOf } from '../admit.ts'
import { requestsRefused } from '../limits/refusals.ts'
import { openStream } from './open-stream.ts'

const streamErrors = defineCounter(
  'kontor_stream_errors_total',
  'Streams of events that ended because of an error of Kontor.',
)

// So long a session, a token or a role may have ended before its streams do.
const admitEveryMs = 3_000

export interface StreamLimits {
  /** Of one process. */
  readonly streams: number
  /** Of one person at one process. */
  readonly streamsOfPerson: number
}

export interface StreamsDeps {
  readonly watcher: Watcher
  readonly metrics: Pick<Metrics, 'count' | 'registry'>
  readonly log: Log
  readonly limits: StreamLimits
  readonly now: () => Date
}

export interface Streams {
  /**
   * Refuses one too many before its route reads anything.
   * @throws BrokerError `rate_limited` or `overloaded`
   */
  assertRoom(request: FastifyRequest): void
  /**
   * Answers a request of a route with `isStream`. The answer ends when nothing will change any
   * more, after half an hour, when this process stops, and when its sender would not be let in any
   * more.
   * @param textOf  the event for a reader who has another version
   * @throws BrokerError `rate_limited` or `overloaded` for one too many
   */
  answer(
    request: FastifyRequest,
    reply: FastifyReply,
    followed: Followed,
    textOf: (state: FollowedState) => string,
  ): FastifyReply
  /** Ends all of them; no further one is opened. */
  close(): void
}

interface Open {
  readonly actor: string
  readonly request: FastifyRequest
  readonly followed: Followed
  readonly end: () => void
}

export function createStreams(deps: StreamsDeps): Streams {
  const { watcher, metrics, limits, now } = deps
  const open = new Set<Open>()
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  addLabelledGauge(
    metrics.registry,
    { name: 'kontor_streams', help: 'Open streams of events of this process.', labelNames: [] },
    async () => [{ labels: {}, value: open.size }],
  )
  const refuse = (code: 'rate_limited' | 'overloaded', sentence: string): never => {
    metrics.count(requestsRefused, { reason: 'streams' })
    throw new BrokerError(code, sentence, { retryAfterSeconds: 30 })
  }
  const onError = (error: unknown): void => {
    metrics.count(streamErrors)
    deps.log.error({ error: coded(error) }, 'a stream of events ended because of an error')
  }
  const admit = (actor: string): void => {
    if (isClosed) return refuse('overloaded', 'This Kontor process stops. Open the stream again.')
    if (open.size >= limits.streams)
      return refuse('overloaded', 'This Kontor process has as many streams open as it may.')
    const own = [...open].filter((each) => each.actor === actor).length
    if (own >= limits.streamsOfPerson)
      refuse('rate_limited', `You have ${own} streams open at this Kontor process. Close one.`)
  }
  /** Ends those whose readers would not be let in any more. */
  const admitAgain = async (): Promise<void> => {
    await Promise.all(
      [...open].map(async ({ request, followed, end }) => {
        try {
          await request.admitAgain?.()
          if (!followed.isWithin(accessScopeOf(request))) end()
        } catch {
          // Also when it cannot be found out: the reader opens it again.
          end()
        }
      }),
    )
  }
  const admitLater = (): void => {
    if (timer !== undefined || open.size === 0) return
    timer = setTimeout(() => {
      void admitAgain().then(() => {
        timer = undefined
        admitLater()
      })
    }, admitEveryMs)
    timer.unref()
  }
  return {
    assertRoom: (request) => {
      admit(actorOf(request))
    },
    answer(request, reply, followed, textOf) {
      const actor = actorOf(request)
      // Once more: others may have been opened while the route read.
      admit(actor)
      const scope = () => accessScopeOf(request)
      const after = versionOf(request)
      const stream = openStream({ followed, watcher, now, scope, after, textOf, onError })
      const end = () => {
        stream.end()
        // What its reader has not taken would hold the connection open.
        if ((reply.raw.socket?.writableLength ?? 0) > 0) reply.raw.destroy()
      }
      const one = { actor, request, followed, end }
      open.add(one)
      admitLater()
      reply.raw.once('close', stream.end)
      stream.readable.once('close', () => open.delete(one))
      return reply
        .type('text/event-stream')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream.readable)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      watcher.close()
      for (const { end } of open) end()
    },
  }
}

function actorOf({ principal }: FastifyRequest): string {
  if (principal?.kind !== 'person') throw new Error('A stream is for people and machines.')
  return principal.actor
}

/** The version that a reader has: of the event before, or of the page that opens the stream. */
function versionOf({ headers, query }: FastifyRequest): string | undefined {
  const { after } = query as { readonly after?: unknown }
  return headers['last-event-id']?.toString() ?? (typeof after === 'string' ? after : undefined)
}
