import type { FastifyInstance } from 'fastify'
import { createRefusalRecorder, type RefusalDeps } from '../../audit/refusal.ts'
import { BrokerError } from '../../errors.ts'
import { coded, type Log } from '../../log.ts'

const maxPath = 500

/**
 * Records in the audit log what signed-in people and machines tried and may not. Requests without
 * valid credentials have no actor to record.
 */
export function recordRefusals(
  app: FastifyInstance,
  deps: RefusalDeps & { readonly log: Log },
): void {
  const refusals = createRefusalRecorder(deps)
  app.addHook('onError', async (request, _reply, error: unknown) => {
    const { principal } = request
    if (
      principal?.kind !== 'person' ||
      !(error instanceof BrokerError) ||
      error.code !== 'forbidden'
    )
      return
    const route = `${request.method} ${request.routeOptions.url ?? '*'}`
    // Without the query, which may hold secrets.
    const path = (request.url.split('?')[0] ?? '').slice(0, maxPath)
    await refusals.note(principal.actor, route, path).catch((failure: unknown) => {
      deps.log.error({ error: coded(failure) }, 'a refusal was not recorded in the audit log')
    })
  })
}
