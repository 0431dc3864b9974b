import { channels as allChannels, type Change, type Channel } from '../db/channels.ts'

/** What a process keeps in memory of rows whose changes are announced on these channels. */
export interface Cache {
  readonly channels: readonly Channel[]
  /**
   * Reads again what may have changed. Rejects with the driver's error; what was known stays.
   * @param changes  on its channels
   */
  reload(changes: readonly Change[]): Promise<void>
}

/** @param changes  default: any row of any channel may have changed */
export type Refresh = (changes?: readonly Change[]) => Promise<void>

const anything = allChannels.map((channel): Change => ({ channel }))

/** @param caches  in the order in which they must be reloaded */
export function createRefresh(caches: readonly Cache[]): Refresh {
  return async (changes = anything) => {
    const errors: unknown[] = []
    for (const cache of caches) {
      const own = changes.filter(({ channel }) => cache.channels.includes(channel))
      if (own.length > 0) await cache.reload(own).catch((error: unknown) => errors.push(error))
    }
    if (errors.length > 0) throw errors[0]
  }
}
