// One of the two Kontor processes, as the harness holds it: killed, paused, set wrong, and started again whenever it died.
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
  /** How often its processes reached each point. */
  readonly reached: ReadonlyMap<Failpoint, number>
  readonly isUp: boolean
  /** Lets it die when it next reaches this point; undefined: lets it live. */
  arm(point: Failpoint | undefined): void
  /** Fulfilled with the point when the process dies at one; undefined when it dies otherwise. */
  died(): Promise<Failpoint | undefined>
  /** Fulfilled when it serves (again). */
  up(): Promise<void>
  signal(name: NodeJS.Signals): void
  shiftClock(ms: number): void
  /** For good. */
  stop(): Promise<void>
}

export interface BrokerOptions {
  readonly name: string
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Told of each end of a process, before it is started again. `wasUp`: it had come so far as to serve. */
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
        NODE_COMPILE_CACHE: join(folder, 'compiled'),
        ...environment,
        PORT: String(port),
      },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'ipc'],
    })
    child.stderr?.pipe(createWriteStream(logFile, { flags: 'a' }))
    let diedAt: Failpoint | undefined
    // spawn makes the fourth a stream because 'pipe' says so
    const told = createInterface({ input: child.stdio[3] as Duplex })
    told.on('line', (line) => {
      const isLast = line.startsWith('!')
      const point = (isLast ? line.slice(1) : line) as Failpoint // written by broker-process.ts
      reached.set(point, (reached.get(point) ?? 0) + 1)
      if (isLast) diedAt = point
    })
    const linesEnded = once(told, 'close')
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
      // One that dies while it starts is started again: wait for whichever comes up.
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
