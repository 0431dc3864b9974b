import { once } from 'node:events'
import { extname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ReadingMessage } from './reading-worker.ts'
import type { ReadingAnswer, ReadingTask } from './task.ts'

// The extension is that of this file: .ts as source, .js as built.
const entry = new URL(`./reading-worker${extname(import.meta.url)}`, import.meta.url)

export interface ReadingLimits {
  /** Of the thread's heap; buffers do not count. */
  readonly megabytes: number
  /** CPU time of one reading: a busy machine must not make a good catalog fail. */
  readonly cpuMs: number
  readonly startMs: number
}

/** A worker thread that reads one catalog at a time. */
export interface ReadingThread {
  /** Afterwards `isUsable` says whether the thread survived. Never rejects. */
  read(task: ReadingTask): Promise<ReadingAnswer>
  isUsable(): boolean
  end(): Promise<void>
}

/** @throws Error when the thread does not start in time */
export async function startReadingThread(limits: ReadingLimits): Promise<ReadingThread> {
  const worker = new Worker(entry, {
    // The environment holds secrets, and the thread needs none of it.
    env: {},
    resourceLimits: {
      maxOldGenerationSizeMb: limits.megabytes,
      maxYoungGenerationSizeMb: 16,
      stackSizeMb: 4,
    },
  })
  let isUsable = true
  worker.on('error', () => {})
  worker.once('exit', () => {
    isUsable = false
  })
  worker.unref()
  const end = async (): Promise<void> => {
    isUsable = false
    await worker.terminate()
  }
  const read = async (task: ReadingTask): Promise<ReadingAnswer> => {
    const answering = nextMessage(worker, limits.cpuMs)
    const body = ownBytes(task.body)
    worker.postMessage({ ...task, body }, [body.buffer])
    const answer = await answering
    if (typeof answer === 'object' && answer.kind !== 'ready') return answer
    await end()
    return { kind: 'unusable', description: typeof answer === 'string' ? answer : 'no answer' }
  }
  const ready = await nextMessage(worker, limits.startMs)
  if (typeof ready === 'object') return { read, isUsable: () => isUsable, end }
  await end()
  throw new Error(`The thread that reads catalogs does not start: ${ready}.`)
}

/** The next message; a sentence without its full stop if the thread ends or takes too long. */
async function nextMessage(worker: Worker, cpuMs: number): Promise<ReadingMessage | string> {
  const watching = new AbortController()
  const { signal } = watching
  const message = once(worker, 'message', { signal }).then(
    ([received]) => received as ReadingMessage,
  )
  const exit = once(worker, 'exit', { signal }).then(() => 'to read the catalog fails')
  const overrun = overranOf(worker, cpuMs, signal)
  try {
    return await Promise.race([message, exit, overrun])
  } catch (error) {
    return isOutOfMemory(error)
      ? 'to read the catalog takes more memory than it may'
      : 'to read the catalog fails'
  } finally {
    watching.abort()
    // They reject when they are aborted.
    for (const loser of [message, exit, overrun]) loser.catch(() => {})
  }
}

const pauseMs = 100
// The CPU time of a thread is unknown while it is in one long native call.
const wallFactor = 10

async function overranOf(worker: Worker, cpuMs: number, signal: AbortSignal): Promise<string> {
  const onWall = delay(cpuMs * wallFactor, undefined, { signal })
  const used = async (): Promise<number> => {
    const { user, system } = await worker.cpuUsage()
    return (user + system) / 1_000
  }
  const watch = async (): Promise<void> => {
    const before = await used()
    do await delay(pauseMs, undefined, { signal })
    while ((await used()) - before < cpuMs)
  }
  // A thread that has ended has no CPU time: then its exit is the answer.
  await Promise.race([watch().catch(() => onWall), onWall])
  return `to read the catalog takes longer than ${cpuMs / 1_000} s of computing`
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
}

/** The bytes with a buffer of their own: one that they share with others cannot be transferred. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes)
}
