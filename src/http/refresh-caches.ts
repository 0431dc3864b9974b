import type { FastifyInstance, FastifyRequest } from 'fastify'
import { collectAnnounced, type Change } from '../db/channels.ts'
import { coded, type Log } from '../log.ts'

export interface RefreshDeps {
  readonly log: Log
  refresh(changes: readonly Change[]): Promise<void>
}

/**
 * Makes a change visible in this process before its answer is sent: what the handler announced to
 * other processes is refreshed here first. So no route has to know which caches its change
 * concerns.
 */
export function refreshCaches(api: FastifyInstance, { log, refresh }: RefreshDeps): void {
  const announced = new WeakMap<FastifyRequest, Change[]>()
  // As the last hook before the handler: reading the body would lose the asynchronous context of an
  // earlier one.
  api.addHook('preHandler', (request, _reply, done) => {
    if (request.method === 'GET') {
      done()
      return
    }
    const changes: Change[] = []
    announced.set(request, changes)
    collectAnnounced(changes, done)
  })
  api.addHook('onSend', async (request) => {
    const changes = announced.get(request)
    if (changes === undefined || changes.length === 0) return
    // The change is committed, and its answer may hold a password that is shown once: it is sent in
    // any case.
    await refresh(changes).catch((error: unknown) => {
      log.warn({ error: coded(error) }, 'the caches could not be refreshed before an answer')
    })
  })
}
