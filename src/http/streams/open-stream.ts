import { Readable } from 'node:stream'
import { BrokerError } from '../../errors.ts'
import type { Followed, FollowedState } from '../../orders/live/followed.ts'
import type { Watcher } from '../../orders/live/watch.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import { eventText, retryText } from './event-text.ts'

// Proxies close what is silent for a minute, and a browser must notice a dead connection.
const beatMs = 15_000
// Then the browser opens another one, perhaps at another process.
const maxMs = 1_800_000

export interface StreamOptions {
  readonly followed: Followed
  readonly watcher: Pick<Watcher, 'watch'>
  readonly now: () => Date
  /** What the reader may see now. */
  readonly scope: () => AccessScope
  /** The version that the reader has; undefined: none. */
  readonly after: string | undefined
  /** The event for a reader of another version. */
  readonly textOf: (state: FollowedState) => string
  /** Gets what no reader caused. The stream ends then. */
  readonly onError: (error: unknown) => void
}

export interface OpenStream {
  readonly readable: Readable
  end(): void
}

/**
 * A stream of events about what is followed: `hello`, the state if it is another than the reader
 * has, each later one, a `beat` every 15 s, and `end` when nothing will change any more. A state is
 * read only when the reader has taken the event before, so one that does not read costs no memory.
 */
export function openStream(options: StreamOptions): OpenStream {
  const { followed, watcher } = options
  let [isEnded, isChanged] = [false, true]
  let wake = (): void => {}
  const stopWatching = watcher.watch(followed.watched, () => {
    isChanged = true
    wake()
  })
  const rest = (): Promise<void> =>
    new Promise((resolve) => {
      if (isEnded || isChanged) return resolve()
      const timer = setTimeout(resolve, beatMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  async function* events(): AsyncGenerator<string, void> {
    const untilMs = performance.now() + maxMs
    let version = options.after
    let expectedEnd: string | null = null
    yield retryText(Math.random()) + eventText('hello', '{}')
    while (!isEnded && performance.now() < untilMs) {
      if (!isChanged) {
        await rest()
        // It takes longer than the reader expects by the last event.
        if (expectedEnd !== null && Date.parse(expectedEnd) < options.now().getTime())
          isChanged = true
        if (!isChanged && !isEnded) yield eventText('beat', '{}')
        continue
      }
      isChanged = false
      const state = await followed.read(options.scope())
      if (isEnded) return
      if (state.version !== version) yield options.textOf(state)
      ;({ version } = state)
      ;({ expectedEnd } = state.timeline)
      if (state.goesOn) continue
      yield eventText('end', '{}')
      return
    }
  }
  // The reader opens it again and gets the reason as an answer: it is gone, or a database is away.
  async function* untilError(): AsyncGenerator<string, void> {
    try {
      yield* events()
    } catch (error) {
      if (!(error instanceof BrokerError)) options.onError(error)
    }
  }
  const end = (): void => {
    isEnded = true
    stopWatching()
    wake()
  }
  const readable = Readable.from(untilError(), { objectMode: false, highWaterMark: 1 })
  readable.once('close', end)
  return { readable, end }
}
