// One HTTP exchange: sent at most once, limited in time and size, and certain about whether
// anything was sent.
import type { Dispatcher } from 'undici'
import { BodyPieces } from './body-pieces.ts'
import type { Connections } from './target.ts'
import { isCertificateRejected, operatorSentenceFor, sentenceFor } from './failure.ts'

// What of an answer is taken in one turn of the event loop: without a limit Node reads up to two
// megabytes, while other requests wait.
const maxBytesOfTurn = 65_536

// A chunk takes about as long as so many of its bytes: a provider may send each byte as one.
const bytesPerChunk = 64

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
  /**
   * In few pieces (`BodyPieces`): a large one is joined where it is read, in a thread. Absent when
   * it is longer than the limit; then the rest was not read.
   */
  readonly body?: readonly Buffer[]
  readonly receivedAtMs: number
  /** How many of the body arrived. */
  readonly bytes: number
  /**
   * The access tokens that this call carried, even if dropped since: the answer may repeat them.
   */
  readonly sentTokens?: readonly string[]
}

/** The provider has not received the request. */
export interface Unsent {
  readonly kind: 'unsent'
  /** Ends a sentence for users: no host, no address. */
  readonly why: string
  /** The same with more detail, for those who may register providers. */
  readonly forOperator?: string
}

/** The request was sent, perhaps only in part, and no whole answer came. */
interface Cut {
  readonly kind: 'cut'
  readonly doubt: 'timeout' | 'connection_lost'
  readonly why: string
  /** How many of a body arrived. */
  readonly bytes: number
}

export type Unanswered = Unsent | Cut
export type Exchanged = Answer | Unanswered

/**
 * A handler for undici's `dispatch`, because `request` does not tell when the request is about to
 * be written to a connected socket (`onRequestStart`). Before that moment nothing was sent,
 * whatever the error is called (ECONNRESET and UND_ERR_SOCKET occur before and after it); after it,
 * anything may have been.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly ended = Promise.withResolvers<Exchanged>()
  readonly #limits: Limits
  readonly #signal: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #onAbort = () => this.#stop('cancelled')
  readonly #pieces = new BodyPieces()
  hasEnded = false
  #controller: Dispatcher.DispatchController | undefined
  #bytes = 0
  #bytesOfTurn = 0
  #head: Pick<Answer, 'status' | 'headers'> = { status: 0, headers: {} }

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

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Ended: the deadline passed while the call was queued. Started before: undici is about to send
    // it again, which would repeat a changing call. Both stop here, before the first byte.
    if (this.hasEnded || this.#controller !== undefined) {
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
    this.#head = { status, headers }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // After a pause undici may hand over an empty view of a buffer that all its connections share:
    // who transfers that buffer to a thread ends the process at the next pause.
    if (chunk.length === 0) return
    this.#bytes += chunk.length
    if (this.#bytes <= this.#limits.maxBytes) {
      this.#pieces.add(chunk)
      this.#bytesOfTurn += chunk.length + bytesPerChunk
      if (this.#bytesOfTurn >= maxBytesOfTurn) this.#yieldTurn(controller)
      return
    }
    this.#end(this.#answer())
    controller.abort(new Error('the answer is too long'))
  }

  #yieldTurn(controller: Dispatcher.DispatchController): void {
    this.#bytesOfTurn = 0
    controller.pause()
    setImmediate(() => controller.resume())
  }

  onResponseEnd(): void {
    this.#end({ ...this.#answer(), body: this.#pieces.end() })
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const wasSent =
      this.#controller !== undefined && !(this.#head.status === 0 && isCertificateRejected(error))
    const why = sentenceFor(error, wasSent)
    const forOperator = operatorSentenceFor(error)
    if (wasSent) this.#end({ kind: 'cut', doubt: 'connection_lost', why, bytes: this.#bytes })
    else this.#end({ kind: 'unsent', why, ...(forOperator === undefined ? {} : { forOperator }) })
  }

  #answer(): Answer {
    return { kind: 'answered', ...this.#head, receivedAtMs: Date.now(), bytes: this.#bytes }
  }

  #stop(why: string): void {
    this.#end(
      this.#controller === undefined
        ? { kind: 'unsent', why }
        : { kind: 'cut', doubt: 'timeout', why, bytes: this.#bytes },
    )
    this.#controller?.abort(new Error(why))
  }

  #end(exchanged: Exchanged): void {
    if (this.hasEnded) return
    this.hasEnded = true
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.ended.resolve(exchanged)
  }
}

/**
 * Sends one call. Never rejects, never sends twice, never follows a redirect.
 * @param startedAtMs  by performance.now(): when its time limit begins
 */
export function exchange(
  connections: Connections,
  call: Call,
  limits: Limits,
  signal: AbortSignal,
  startedAtMs = performance.now(),
): Promise<Exchanged> {
  const handler = new Exchange(limits, signal, startedAtMs)
  // undici's own timers limit the pauses between bytes; the handler's limits the whole call.
  if (!handler.hasEnded)
    connections.dispatch({ ...call, headersTimeout: 0, bodyTimeout: 0 }, handler)
  return handler.ended.promise
}
