// A Kontor process that dies where it is told to: at a named point of an operation's way, by SIGKILL, with nothing flushed
// and nothing said. Its parent arms it over IPC, and reads on file descriptor 3 which points were reached.
import { writeSync } from 'node:fs'
import { run } from '../../../src/cli/run.ts'
import { readConfig } from '../../../src/config.ts'
import { createLog } from '../../../src/log.ts'
import type { Failpoint } from '../../../src/operations/failpoints.ts'
import { shiftClock } from './shifted-clock.ts'

export type Order = { readonly arm: Failpoint | undefined } | { readonly shiftMs: number }

let armed: Failpoint | undefined

function hitFailpoint(point: Failpoint): void {
  // Not by process.send: what that has taken may still be in this process when it dies.
  writeSync(3, `${point === armed ? '!' : ''}${point}\n`)
  if (point === armed) process.kill(process.pid, 'SIGKILL')
}

process.on('message', (order: Order) => {
  if ('arm' in order) armed = order.arm
  if ('shiftMs' in order) shiftClock(order.shiftMs)
})
// The harness itself died: nobody would end this process any more.
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
