import { pino, type Logger } from 'pino'

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

// A write for each line would cost each order some microseconds. A process that is killed loses
// what it has not written: at most this much of time or text. An end of its own writes everything.
const buffer = { minLength: 4_096, periodicFlush: 200 }

/** JSON lines on standard error. Redaction is a safety net: callers must not log secrets. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'password',
          'token',
          'credentials',
          'parameters',
          'authorization',
          '*.password',
          '*.token',
          '*.credentials',
          '*.parameters',
          '*.authorization',
          'req.headers.authorization',
        ],
        censor: '[redacted]',
      },
    },
    pino.destination({ dest: 2, sync: false, ...buffer }),
  )
}

/**
 * A log for lines of level info that must not be lost: only the level `silent` drops them.
 * @param log  that has this level
 */
export function keepingInfo(log: Log, level: string): Log {
  return ['warn', 'error', 'fatal'].includes(level) ? createLog('info') : log
}

/** The fields of an error that may be logged: no request, no body, no connection string. */
export function coded(error: unknown): {
  readonly message: string
  readonly code?: string
  readonly stack?: string
} {
  if (!(error instanceof Error)) return { message: messageOf(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return {
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
  }
}

// A library may reject with a plain object, whose text would be "[object Object]".
function messageOf(thrown: unknown): string {
  if (thrown === null || typeof thrown !== 'object') return String(thrown)
  const { message } = thrown as { readonly message?: unknown }
  return typeof message === 'string' ? message : `an object with ${Object.keys(thrown).join(', ')}`
}
