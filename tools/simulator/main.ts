// What the demo forks nine times: the simulate command alone, read with node's own parser because
// it starts faster.
import { parseArgs } from 'node:util'
import { simulate } from './run.ts'
import type { SimulateOptions } from './run.ts'

const text = { type: 'string' } as const

function readArguments(): SimulateOptions {
  const { values } = parseArgs({
    options: {
      catalog: text,
      provider: text,
      port: text,
      host: text,
      username: text,
      password: text,
      state: text,
      seconds: text,
      'open-inspection': { type: 'boolean' },
    },
  })
  const { catalog, port, seconds, 'open-inspection': openInspection, ...rest } = values
  if (catalog === undefined) throw new TypeError('--catalog is missing')
  return {
    catalog,
    ...rest,
    ...(port === undefined ? {} : { port: readNumber('port', port, 65_535) }),
    ...(seconds === undefined
      ? {}
      : { seconds: readNumber('seconds', seconds, Number.MAX_SAFE_INTEGER) }),
    ...(openInspection === undefined ? {} : { openInspection }),
  }
}

function readNumber(name: string, value: string, most: number): number {
  const number = Number(value)
  if (value === '' || !(number >= 0 && number <= most))
    throw new TypeError(`--${name} must be a number from 0 to ${most}`)
  return number
}

let options: SimulateOptions | undefined
try {
  options = readArguments()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
if (options !== undefined) await simulate(options)
else if (process.connected) process.disconnect()
