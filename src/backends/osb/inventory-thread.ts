import { setImmediate } from 'node:timers/promises'
import {
  createWorkerThread,
  entryBeside,
  type NoAnswer,
  type WorkerThread,
} from '../../threads/worker-thread.ts'
import { ownPieces } from '../../threads/own-pieces.ts'
import type { Listed, ListedInstance } from '../backend.ts'
import type { PageAnswer, PageTask } from './inventory-page.ts'

const maxCpuMs = 5_000

/** A worker thread that reads the pages of one provider's inventory, one after the other. */
export class InventoryThread {
  readonly #thread: WorkerThread<PageTask, PageAnswer>
  #turn: Promise<unknown> = Promise.resolve()

  /** @param maxBytes  of a page */
  constructor(maxBytes: number) {
    this.#thread = createWorkerThread(entryBeside(import.meta.url, 'inventory-worker'), {
      startMs: 15_000,
      megabytes: 128 + Math.ceil((maxBytes * 8) / 1_048_576),
      idleMs: 10_000,
    })
  }

  read(body: readonly Uint8Array[]): Promise<Listed> {
    const reading = this.#turn.then(() => this.#read(body))
    this.#turn = reading.catch(() => {})
    return reading
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  async #read(pieces: readonly Uint8Array[]): Promise<Listed> {
    const body = ownPieces(pieces)
    const buffers = body.map(({ buffer }) => buffer)
    const { reply } = await this.#thread.ask({ body }, maxCpuMs, buffers)
    if (reply.kind === 'unusable') return { kind: 'failed', description: reply.description }
    if (reply.kind !== 'read') return { kind: 'failed', description: describe(reply) }
    const instances: ListedInstance[] = []
    for (const portion of reply.portions) {
      // inventory-page.ts makes it.
      instances.push(...(JSON.parse(new TextDecoder().decode(portion)) as ListedInstance[]))
      await setImmediate()
    }
    return {
      kind: 'page',
      instances,
      ...(reply.next === undefined ? {} : { next: reply.next }),
    }
  }
}

function describe(failure: NoAnswer): string {
  switch (failure.kind) {
    case 'overran':
      return `to read the answer takes longer than ${maxCpuMs / 1_000} s of computing`
    case 'died':
      return failure.isOutOfMemory
        ? 'to read the answer takes more memory than it may'
        : 'to read the answer fails'
    case 'stalled':
      return 'Kontor had too little processor time to read the answer'
    case 'unstarted':
      return 'Kontor could not start a thread to read the answer'
    default:
      return failure satisfies never
  }
}
