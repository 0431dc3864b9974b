import { setTimeout as wait } from 'node:timers/promises'
import { BrokerError } from '../errors.ts'
import type { KeyRing } from './key-ring.ts'

// Reading a file on a mount that hangs never ends.
const maxReadMs = 5_000

/**
 * Bounds the time of a read. While an earlier read still hangs, starts no further one: each would
 * occupy one of Node's few file system threads.
 * @returns a function that throws BrokerError `configuration` when the read takes too long
 */
export function readWithDeadline(read: () => Promise<KeyRing>): () => Promise<KeyRing> {
  let reading: Promise<KeyRing> | undefined
  return async () => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    const timer = new AbortController()
    const deadline = wait(maxReadMs, undefined, { signal: timer.signal }).then(() => {
      throw new BrokerError(
        'configuration',
        `The key ring could not be read within ${maxReadMs / 1000} s.`,
      )
    })
    try {
      return await Promise.race([reading, deadline])
    } finally {
      timer.abort()
      deadline.catch(() => {})
    }
  }
}
