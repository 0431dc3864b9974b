// A line between two processes that can be cut, held and doubled: what a network does to those who rely on it.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'

export interface Wire {
  readonly port: number
  /** Cuts every connection. @returns how many there were */
  cut(): number
  /** Lets nothing through, in either direction, without cutting anything. */
  hold(): void
  /** What was held goes through now. */
  release(): void
  /** The next answer from the far side is spoilt so, on whichever connection it comes. @returns a promise of when */
  spoilNext(how: Spoil): Promise<void>
  close(): Promise<void>
}

/** `lost`: the connection is cut where the answer should come. `late`: it comes so much later. `twice`: it comes doubled. */
export type Spoil = 'lost' | 'twice' | { readonly lateMs: number }

interface Waiting {
  readonly how: Spoil
  readonly done: () => void
}

/** @param farPort  on 127.0.0.1; nobody need listen there yet */
export async function openWire(farPort: number): Promise<Wire> {
  const pairs = new Set<readonly [Socket, Socket]>()
  const waiting: Waiting[] = []
  let isHeld = false

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
        other.destroySoon() // what came before the end still goes through
      })
      if (isHeld) socket.pause()
    }
    near.on('data', (part: Buffer) => {
      far.write(part)
    })
    far.on('data', (part: Buffer) => {
      const spoilt = waiting.shift()
      if (spoilt === undefined) near.write(part)
      else spoil(near, far, part, spoilt.how, end)
      spoilt?.done()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const set = (held: boolean) => {
    isHeld = held
    for (const socket of [...pairs].flat()) {
      if (held) socket.pause()
      else socket.resume()
    }
  }
  const cut = (): number => {
    const count = pairs.size
    for (const socket of [...pairs].flat()) {
      // A reset, not a farewell. One that is being shut down cannot be reset, and would stay open for ever.
      if (socket.writableEnded) socket.destroy()
      else socket.resetAndDestroy()
    }
    return count
  }
  return {
    port: (server.address() as AddressInfo).port, // a TCP server's address is never a string
    cut,
    hold: () => {
      set(true)
    },
    release: () => {
      set(false)
    },
    spoilNext: (how) =>
      new Promise((resolve) => {
        waiting.push({ how, done: resolve })
      }),
    async close() {
      cut()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

function spoil(near: Socket, far: Socket, part: Buffer, how: Spoil, end: () => void): void {
  if (how === 'lost') return end()
  if (how === 'twice') {
    near.write(Buffer.concat([part, part]))
    return
  }
  far.pause()
  setTimeout(() => {
    near.write(part)
    far.resume()
  }, how.lateMs)
}
