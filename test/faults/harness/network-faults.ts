// A TCP proxy between two processes that can cut, pause, delay and double what passes.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'

export interface FaultProxy {
  readonly port: number
  /** Cuts every connection. @returns how many there were */
  cut(): number
  /** Lets nothing through, in either direction, and cuts nothing. */
  pause(): void
  /** Lets everything through again. */
  resume(): void
  /** Breaks the next answer of the far side, on any connection. @returns when it has */
  breakNext(fault: AnswerFault): Promise<void>
  close(): Promise<void>
}

/** `lost`: cuts the connection instead of answering. `late`: delays it. `twice`: sends it twice. */
export type AnswerFault = 'lost' | 'twice' | { readonly lateMs: number }

interface Waiting {
  readonly fault: AnswerFault
  readonly done: () => void
}

/** @param farPort  on 127.0.0.1; nothing need listen there yet */
export async function openFaultProxy(farPort: number): Promise<FaultProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  const waiting: Waiting[] = []
  let isPaused = false

  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: farPort, host: '127.0.0.1', noDelay: true })
    const pair = [near, far] as const
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    for (const [socket, other] of [pair, pair.toReversed()] as Array<[Socket, Socket]>) {
      socket.on('error', end)
      socket.on('end', () => {
        other.end()
      })
      socket.on('close', () => {
        pairs.delete(pair)
        other.destroySoon() // sends what came before the end
      })
      if (isPaused) socket.pause()
    }
    near.on('data', (data: Buffer) => {
      far.write(data)
    })
    far.on('data', (data: Buffer) => {
      const next = waiting.shift()
      if (next === undefined) near.write(data)
      else breakAnswer(near, far, data, next.fault, end)
      next?.done()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const setPaused = (paused: boolean) => {
    isPaused = paused
    for (const socket of [...pairs].flat()) {
      if (paused) socket.pause()
      else socket.resume()
    }
  }
  const cut = (): number => {
    const count = pairs.size
    for (const socket of [...pairs].flat()) {
      // A reset, not an orderly end. A socket that is shutting down cannot be reset, and would stay
      // open.
      if (socket.writableEnded) socket.destroy()
      else socket.resetAndDestroy()
    }
    return count
  }
  return {
    port: (server.address() as AddressInfo).port, // a TCP server's address is never a string
    cut,
    pause: () => {
      setPaused(true)
    },
    resume: () => {
      setPaused(false)
    },
    breakNext: (fault) =>
      new Promise((resolve) => {
        waiting.push({ fault, done: resolve })
      }),
    async close() {
      cut()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

function breakAnswer(
  near: Socket,
  far: Socket,
  data: Buffer,
  fault: AnswerFault,
  end: () => void,
): void {
  if (fault === 'lost') return end()
  if (fault === 'twice') {
    near.write(Buffer.concat([data, data]))
    return
  }
  far.pause()
  setTimeout(() => {
    near.write(data)
    far.resume()
  }, fault.lateMs)
}
