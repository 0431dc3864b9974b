import { coded, type Log } from '../log.ts'

/** Has `close` called when the runtime closes, before all that was registered earlier. */
export type OnClose = (what: string, close: () => void | Promise<void>) => void

/** An error in one `close` is logged and keeps no other from being called. */
export function closeWith(stack: AsyncDisposableStack, log: Log): OnClose {
  return (what, close) => {
    stack.defer(async () => {
      try {
        await close()
      } catch (error) {
        log.warn({ error: coded(error), what }, 'could not close a part of the runtime')
      }
    })
  }
}
