import type { Backend } from './backend.ts'
import { interceptBackend } from './intercept.ts'

/**
 * A back end that never sends anything.
 * @param reason  why its catalog cannot be read
 */
export function closedBackend(reason: string): Backend {
  const closed = interceptBackend(unreached, async (call) => call.type.notSent)
  return { ...closed, catalog: async () => ({ kind: 'failed', description: reason }) }
}

const fail = () => Promise.reject(new Error('A closed back end was called.'))

const unreached: Backend = {
  catalog: fail,
  provision: fail,
  update: fail,
  deprovision: fail,
  bind: fail,
  unbind: fail,
  progress: fail,
  fetchInstance: fail,
  fetchBinding: fail,
  close: async () => {},
}
