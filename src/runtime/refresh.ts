import { channels as allChannels, type Channel } from '../db/channels.ts'

/** What a process keeps in memory of rows whose changes are announced on these channels. */
export interface Cache {
  readonly channels: readonly Channel[]
  /** Reads it again. Rejects with the driver's error; what was known stays. */
  reload(): Promise<void>
}

export type Refresh = (channels?: readonly Channel[]) => Promise<void>

/** @param caches  in the order in which they must be reloaded */
export function createRefresh(caches: readonly Cache[]): Refresh {
  return async (channels = allChannels) => {
    const errors: unknown[] = []
    for (const cache of caches) {
      if (!cache.channels.some((channel) => channels.includes(channel))) continue
      await cache.reload().catch((error: unknown) => errors.push(error))
    }
    if (errors.length > 0) throw errors[0]
  }
}
