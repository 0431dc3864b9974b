import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

export interface ProvidersOptions {
  /** One provider for each, under /1, /2, ...: what it says with every answer, in seconds. */
  readonly retryAfterSeconds: readonly number[]
  /** How long an operation takes, evenly spread. */
  readonly leastSeconds: number
  readonly maxSeconds: number
  /** How long each answer takes, as over a network. */
  readonly answerMs: number
}

/** One operation as the provider saw it; times in milliseconds since 1970, with a fraction. */
export interface Seen {
  readonly instanceId: string
  readonly retryAfterMs: number
  /** How long each answer takes at least. */
  readonly answerMs: number
  /** When 202 was answered. */
  readonly begunAt: number
  /** From then on the answer is `succeeded`. */
  readonly endedAt: number
  /** When each poll came and when it was answered, in turn. */
  readonly polls: number[]
}

export interface Report {
  readonly operations: Seen[]
  /**
   * Requests that no broker should send: a second order, a poll for what was never ordered,
   * anything else.
   */
  readonly wrong: number
}

// The wall clock's time, as in Postgres, but finer.
const clock = () => performance.timeOrigin + performance.now()

/** Providers that do nothing but take their time, and write down what they were asked and when. */
export async function providersServer(options: ProvidersOptions): Promise<RequestListener> {
  const seen = new Map<string, Seen>()
  let wrong = 0

  const refuse = (status: number): Answer => {
    wrong++
    return { status, body: {} }
  }

  const order = (provider: number, instanceId: string): Answer => {
    const retryAfter = options.retryAfterSeconds[provider - 1]
    if (retryAfter === undefined || seen.has(instanceId)) return refuse(409)
    const seconds =
      options.leastSeconds + Math.random() * (options.maxSeconds - options.leastSeconds)
    const begunAt = clock()
    seen.set(instanceId, {
      instanceId,
      retryAfterMs: retryAfter * 1_000,
      answerMs: options.answerMs,
      begunAt,
      endedAt: begunAt + seconds * 1_000,
      polls: [],
    })
    return { status: 202, body: { operation: 'provision' }, retryAfter }
  }

  const poll = (instanceId: string, cameAt: number): Answer => {
    const operation = seen.get(instanceId)
    if (operation === undefined) return refuse(404)
    const answeredAt = clock()
    operation.polls.push(cameAt, answeredAt)
    return answeredAt >= operation.endedAt
      ? { status: 200, body: { state: 'succeeded' } }
      : { status: 200, body: { state: 'in progress' }, retryAfter: operation.retryAfterMs / 1_000 }
  }

  return (request, response) => {
    const cameAt = clock()
    const [path = ''] = (request.url ?? '').split('?')
    if (path === '/report')
      return send(response, {
        status: 200,
        body: { operations: [...seen.values()], wrong } satisfies Report,
      })
    const [, provider, , resource, instanceId = '', verb] = path.split('/')
    const answer = (): Answer => {
      if (resource === 'catalog') return { status: 200, body: catalogOf(Number(provider)) }
      if (request.method === 'PUT' && verb === undefined) return order(Number(provider), instanceId)
      if (request.method === 'GET' && verb === 'last_operation') return poll(instanceId, cameAt)
      return refuse(404)
    }
    whenRead(request, () => {
      setTimeout(() => {
        send(response, answer())
      }, options.answerMs)
    })
  }
}

interface Answer {
  readonly status: number
  readonly body: object
  readonly retryAfter?: number
}

function send(response: ServerResponse, { status, body, retryAfter }: Answer): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  })
  response.end(text)
}

function whenRead(request: IncomingMessage, then: () => void): void {
  request.on('end', then).resume()
}

function catalogOf(provider: number): object {
  const id = (last: number) =>
    `00000000-0000-4000-8000-${String(provider * 100 + last).padStart(12, '0')}`
  const plan = { id: id(1), name: 'standard', description: 'Takes its time.' }
  return {
    services: [
      {
        id: id(0),
        name: 'database',
        description: 'Takes its time.',
        bindable: true,
        plans: [plan],
      },
    ],
  }
}
