import { writeSync } from 'node:fs'
import process from 'node:process'
import { pino, type DestinationStream, type Logger } from 'pino'

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

// A write for each line would cost each order some microseconds. A process that is killed loses
// what it has not written: at most this much of time or text.
const maxWaitMs = 200
const maxCharacters = 4_096

/** The lines of each log that are not written yet. */
const unwritten = new Set<{ lines: string }>()

process.on('exit', () => {
  for (const { lines } of unwritten) {
    try {
      if (lines !== '') writeSync(2, lines)
    } catch {
      // No one reads them any more. pino's own buffer would wait for a reader without end.
    }
  }
})

/** Writes lines to standard error together. */
function gatherLines(): DestinationStream & { flush(): void } {
  const destination = pino.destination({ dest: 2, sync: false })
  const gathered = { lines: '' }
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const { lines } = gathered
    gathered.lines = ''
    if (lines !== '') destination.write(lines)
  }
  return {
    write(line) {
      unwritten.add(gathered)
      gathered.lines += line
      if (gathered.lines.length >= maxCharacters) flush()
      else timer ??= setTimeout(flush, maxWaitMs).unref()
    },
    flush,
  }
}

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
    gatherLines(),
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
