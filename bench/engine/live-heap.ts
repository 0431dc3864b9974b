import { readFileSync } from 'node:fs'

/** A way to ask a process that was started with `--inspect=127.0.0.1:0` what it really keeps. */
export interface LiveHeap {
  /** In MB, after a full collection of garbage, which halts the process for a moment. */
  measure(): Promise<number>
  /** Before the process is stopped, or it waits for us. */
  close(): void
}

const megabyte = 1_048_576

/**
 * @param logFile  where the process writes its standard error, and node the address of its
 * inspector
 */
export async function openLiveHeap(logFile: string): Promise<LiveHeap> {
  const [address] = /ws:\/\/\S+/.exec(readFileSync(logFile, 'utf8')) ?? []
  if (address === undefined) throw new Error(`There is no inspector's address in ${logFile}.`)
  const socket = new WebSocket(address)
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => {
      resolve()
    })
    socket.addEventListener('error', () => {
      reject(new Error(`The inspector at ${address} cannot be reached.`))
    })
  })
  let last = 0
  const ask = (method: string): Promise<{ readonly usedSize?: number }> =>
    new Promise((resolve) => {
      const id = ++last
      const hear = ({ data }: MessageEvent): void => {
        const answer = JSON.parse(String(data)) as { id?: number; result?: { usedSize?: number } }
        if (answer.id !== id) return
        socket.removeEventListener('message', hear)
        resolve(answer.result ?? {})
      }
      socket.addEventListener('message', hear)
      socket.send(JSON.stringify({ id, method }))
    })
  return {
    async measure() {
      await ask('HeapProfiler.collectGarbage')
      return ((await ask('Runtime.getHeapUsage')).usedSize ?? NaN) / megabyte
    },
    close: () => {
      socket.close()
    },
  }
}
