import type { FastifyInstance } from 'fastify'
import { createRefusalRecorder, type RefusalDeps } from '../../audit/refusal.ts'
import { BrokerError } from '../../errors.ts'
import { coded, type Log } from '../../log.ts'

const maxPath = 500

/** Records what known people and machines tried and may not. Who is not known is nobody: those are for the log of the proxy. */
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
    // Without the query: it may hold what should not be kept.
    const path = (request.url.split('?')[0] ?? '').slice(0, maxPath)
    await refusals.note(principal.actor, route, path).catch((failure: unknown) => {
      deps.log.error({ error: coded(failure) }, 'a refusal was not recorded')
    })
  })
}
