// One of the two Kontor processes: can be killed, paused or given a wrong clock, and is restarted
// whenever it dies.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { choosePort } from '../../../tools/embedded-postgres/port.ts'
import type { Failpoint } from '../../../src/operations/failpoints.ts'
import type { Order } from './broker-process.ts'

const entry = fileURLToPath(new URL('broker-process.ts', import.meta.url))
const startLimitMs = 60_000

export interface Broker {
  readonly name: string
  readonly url: string
  readonly logFile: string
  /** How often its processes reached each failpoint. */
  readonly reached: ReadonlyMap<Failpoint, number>
  readonly isUp: boolean
  /** Kills it when it next reaches this failpoint; undefined: lets it live. */
  arm(point: Failpoint | undefined): void
  /** Resolves with the failpoint at which the process dies; undefined when it dies otherwise. */
  died(): Promise<Failpoint | undefined>
  /** Resolves when it serves (again). */
  up(): Promise<void>
  signal(name: NodeJS.Signals): void
  shiftClock(ms: number): void
  /** Stops it for good. */
  stop(): Promise<void>
}

export interface BrokerOptions {
  readonly name: string
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Called at each end of a process, before the restart. `wasUp`: it had begun to serve. */
  readonly onEnd: (broker: Broker, point: Failpoint | undefined, wasUp: boolean) => void
}

interface Life {
  readonly child: ChildProcess
  readonly ready: Promise<void>
  readonly ended: Promise<Failpoint | undefined>
}

export async function startBroker({
  name,
  folder,
  environment,
  onEnd,
}: BrokerOptions): Promise<Broker> {
  const own = join(folder, name)
  await mkdir(own, { recursive: true })
  const port = await choosePort(own, undefined)
  const logFile = join(own, 'log')
  const reached = new Map<Failpoint, number>()
  let isStopped = false
  let isUp = false
  let life = begin()

  function begin(): Life {
    const child = spawn(process.execPath, [entry], {
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(folder, 'compiled'),
        ...environment,
        PORT: String(port),
      },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'ipc'],
    })
    child.stderr?.pipe(createWriteStream(logFile, { flags: 'a' }))
    let diedAt: Failpoint | undefined
    // spawn makes the fourth a stream because of 'pipe'
    const lines = createInterface({ input: child.stdio[3] as Duplex })
    lines.on('line', (line) => {
      const isLast = line.startsWith('!')
      const point = (isLast ? line.slice(1) : line) as Failpoint // written by broker-process.ts
      reached.set(point, (reached.get(point) ?? 0) + 1)
      if (isLast) diedAt = point
    })
    const linesEnded = once(lines, 'close')
    const ended = once(child, 'exit').then(async () => {
      await linesEnded
      return diedAt
    })
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
    }, startLimitMs)
    const ready = once(child, 'message').then(() => {
      clearTimeout(limit)
      isUp = true
    })
    ended.then(
      (point) => {
        clearTimeout(limit)
        const wasUp = isUp
        isUp = false
        onEnd(broker, point, wasUp)
        if (!isStopped) life = begin()
      },
      () => {},
    )
    return { child, ready, ended }
  }

  const send = (order: Order) => {
    if (life.child.connected) life.child.send(order, () => {})
  }

  const broker: Broker = {
    name,
    logFile,
    reached,
    url: `http://127.0.0.1:${port}`,
    get isUp() {
      return isUp
    },
    arm: (point) => {
      send({ arm: point })
    },
    died: () => life.ended,
    async up() {
      // A process that dies while it starts is restarted: wait for the one that comes up.
      for (;;) {
        const now = life
        const isReady = await Promise.race([
          now.ready.then(() => true),
          now.ended.then(() => false),
        ])
        if (isReady || isStopped) return
        await new Promise((resolve) => {
          setTimeout(resolve, 50)
        })
      }
    },
    signal: (signal) => {
      life.child.kill(signal)
    },
    shiftClock: (shiftMs) => {
      send({ shiftMs })
    },
    async stop() {
      isStopped = true
      const { child, ended } = life
      child.kill('SIGCONT')
      child.kill('SIGKILL')
      await ended
    },
  }
  return broker
}
