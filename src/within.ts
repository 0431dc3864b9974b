import { setTimeout as wait } from 'node:timers/promises'

/**
 * Gives work up that takes too long, such as that with a file on a mount that hangs. The work
 * itself goes on.
 * @param late  the message of the error, or what makes it
 * @throws Error when it does; what the work throws
 */
export async function within<Result>(
  ms: number,
  work: Promise<Result>,
  late: string | (() => Error),
): Promise<Result> {
  const timer = new AbortController()
  const deadline = wait(ms, undefined, { signal: timer.signal }).then(() => {
    throw typeof late === 'string' ? new Error(late) : late()
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    timer.abort()
    deadline.catch(() => {})
  }
}
