// A Kontor process that kills itself by SIGKILL at a failpoint, so that nothing is flushed or sent.
// Its parent names the failpoint over IPC and reads on file descriptor 3 which ones were reached.
import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { run } from '../../../src/cli/run.ts'
import { readConfig } from '../../../src/config.ts'
import { createLog } from '../../../src/log.ts'
import type { Failpoint } from '../../../src/operations/failpoints.ts'
import { shiftClock } from './shifted-clock.ts'

export type Order = { readonly arm: Failpoint | undefined } | { readonly shiftMs: number }

let armed: Failpoint | undefined

function hitFailpoint(point: Failpoint): void {
  // Not by process.send, which may still buffer it when the process dies.
  writeSync(3, `${point === armed ? '!' : ''}${point}\n`)
  if (point === armed) process.kill(process.pid, 'SIGKILL')
}

process.on('message', (order: Order) => {
  if ('arm' in order) armed = order.arm
  if ('shiftMs' in order) shiftClock(order.shiftMs)
})
// The harness itself died, and nothing else would end this process.
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGKILL')
})

const config = readConfig(process.env)
const running = await run(config, createLog(config.logLevel), {
  worker: true,
  http: true,
  hitFailpoint,
})
process.once('SIGTERM', () => {
  running.stop().finally(() => {
    process.exit(0)
  })
})
process.send?.({ ready: true })
// Node writes it at an orderly exit, which these processes seldom have: each restart would compile
// all modules anew.
flushCompileCache()
