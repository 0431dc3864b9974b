// autocannon brings no types; this is what the bench uses of it.
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events'

  interface Request { readonly method: string, readonly path: string, readonly headers: Readonly<Record<string, string>>, readonly body?: string }

  interface Options {
    readonly url: string
    readonly connections: number
    /** Seconds. */
    readonly duration: number
    readonly maxOverallRequests: number
    /** Milliseconds; only at the end of such a period does it see that its time is over. */
    readonly sampleInt: number
    readonly timeout: number
    readonly requests: ReadonlyArray<Request & { setupRequest?: (request: Request) => Request }>
  }

  export interface Result { readonly errors: number, readonly timeouts: number }

  /** Emits `response` (client, statusCode, bytes, milliseconds). */
  export default function autocannon (options: Options, done: (error: Error | null, result: Result) => void): EventEmitter
}
