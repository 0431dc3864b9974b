import { coded, type Log } from '../log.ts'

/** @returns a handler for errors that end nothing: it logs `message` with the error's code */
export function logError(log: Log, message: string): (error: unknown) => void {
  return (error) => {
    log.warn({ error: coded(error) }, message)
  }
}
