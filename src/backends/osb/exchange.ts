// One HTTP exchange, written at most once, bounded in time and size, with a sure answer to "did anything leave?".
import type { Dispatcher } from 'undici'
import { isHandshakeRefused, operatorSentenceFor, sentenceFor } from './failure.ts'

type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Percent-encoded, query included. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Limits {
  readonly timeoutSeconds: number
  readonly maxBytes: number
}

export interface Answer {
  readonly kind: 'answered'
  readonly status: number
  readonly headers: ResponseHeaders
  /** Absent: longer than the limit; the rest was never read. */
  readonly body?: Buffer
  readonly receivedAtMs: number
  /** Access tokens that this very call carried, whatever has become of them since: the answer may hold them. */
  readonly sentTokens?: readonly string[]
}

/**
 * `why` ends a sentence for users: no host, no address. `forOperator` says more to those who may register providers.
 * Nobody at the far side has seen the request.
 */
export interface Unsent {
  readonly kind: 'unsent'
  readonly why: string
  readonly forOperator?: string
}

/** `cut`: it was written, if only in part, and no whole answer came. */
export type Exchanged =
  | Answer
  | Unsent
  | { readonly kind: 'cut'; readonly doubt: 'timeout' | 'connection_lost'; readonly why: string }

/**
 * Why `dispatch` and not `request`: only a dispatch handler learns from undici (`onRequestStart`) that the request is
 * about to be written to a connected socket. Before that moment nothing left, whatever the error is called
 * (ECONNRESET and UND_ERR_SOCKET come before and after it); from it on, everything is in doubt.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly ended = Promise.withResolvers<Exchanged>()
  readonly #limits: Limits
  readonly #signal: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #onAbort = () => this.#stop('cancelled')
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | undefined
  #isOver = false
  #bytes = 0
  #status = 0
  #headers: ResponseHeaders = {}

  constructor(limits: Limits, signal: AbortSignal, startedAtMs: number) {
    this.#limits = limits
    this.#signal = signal
    this.#timer = setTimeout(
      () => this.#stop(`no answer within ${limits.timeoutSeconds} s`),
      startedAtMs + limits.timeoutSeconds * 1000 - performance.now(),
    )
    signal.addEventListener('abort', this.#onAbort, { once: true })
    if (signal.aborted) this.#stop('cancelled')
  }

  get isOver(): boolean {
    return this.#isOver
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Over: the deadline passed while it was queued. Started before: undici is about to send the call again, which no
    // changing call survives. Both end here, before the first byte.
    if (this.#isOver || this.#controller !== undefined) {
      controller.abort(new Error('not to be sent'))
      return
    }
    this.#controller = controller
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
  ): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes <= this.#limits.maxBytes) {
      this.#chunks.push(chunk)
      return
    }
    this.#settle(this.#answer(undefined))
    controller.abort(new Error('the answer is too long'))
  }

  onResponseEnd(): void {
    this.#settle(this.#answer(Buffer.concat(this.#chunks)))
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const wasSent =
      this.#controller !== undefined && !(this.#status === 0 && isHandshakeRefused(error))
    const why = sentenceFor(error, wasSent)
    const forOperator = operatorSentenceFor(error)
    if (wasSent) this.#settle({ kind: 'cut', doubt: 'connection_lost', why })
    else
      this.#settle({ kind: 'unsent', why, ...(forOperator === undefined ? {} : { forOperator }) })
  }

  #stop(why: string): void {
    this.#settle(
      this.#controller === undefined
        ? { kind: 'unsent', why }
        : { kind: 'cut', doubt: 'timeout', why },
    )
    this.#controller?.abort(new Error(why))
  }

  #answer(body: Buffer | undefined): Answer {
    const head = {
      kind: 'answered',
      status: this.#status,
      headers: this.#headers,
      receivedAtMs: Date.now(),
    } as const
    return body === undefined ? head : { ...head, body }
  }

  #settle(exchanged: Exchanged): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.ended.resolve(exchanged)
  }
}

/**
 * Sends one call. Never rejects, never sends twice, never follows a redirect.
 * @param startedAtMs  by performance.now(): from when on its time counts
 */
export function exchange(
  dispatcher: Dispatcher,
  call: Call,
  limits: Limits,
  signal: AbortSignal,
  startedAtMs = performance.now(),
): Promise<Exchanged> {
  const handler = new Exchange(limits, signal, startedAtMs)
  // undici's own timers are off: they watch pauses, ours watches the whole call, slow drips included.
  if (!handler.isOver) dispatcher.dispatch({ ...call, headersTimeout: 0, bodyTimeout: 0 }, handler)
  return handler.ended.promise
}
