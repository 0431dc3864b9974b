import type { FastifyInstance } from 'fastify'
import type { LiveCatalog } from '../../catalog/live-catalog.ts'
import { describeProvider, describeProviders } from '../../catalog/describe-providers.ts'
import { refreshCatalog, type RefreshDeps } from '../../catalog/refresh.ts'
import { refreshOnRequest } from '../../catalog/refresh-on-request.ts'
import { forgetCredentials } from '../../bindings/forget-credentials.ts'
import { hastenOrphans } from '../../orphans/record.ts'
import { removeProvider } from '../../instances/remove-provider.ts'
import { changeProvider } from '../../providers/change.ts'
import { lookUpProvider } from '../../providers/look-up.ts'
import { checkOwnFields } from '../../providers/own-fields.ts'
import { registerProvider } from '../../providers/register.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { UpdateProvider, CreateProvider } from '../../types.gen.ts'
import { accessScopeOf } from '../auth/authorize.ts'
import { callerOf } from '../auth/caller.ts'
import { describe } from './describe.ts'

interface ById {
  id: string
}

// The back end has a shorter deadline of its own. A client that hangs up does not end a reading.
const maxReadMs = 60_000

export interface ProviderRouteDeps extends RefreshDeps {
  readonly catalog: LiveCatalog
}

/** Providers: registered with their back end, read at once, taken out again. */
export async function providerRoutes(app: FastifyInstance, deps: ProviderRouteDeps): Promise<void> {
  // The catalog that this process serves holds what the answer tells.
  const readNow = async (scope: AccessScope, id: string) => {
    await refreshCatalog(deps, id, AbortSignal.timeout(maxReadMs))
    return describeRead(scope, id)
  }
  const describeRead = async (scope: AccessScope, id: string) => {
    await deps.catalog.reload()
    return describeProvider(deps.db, scope, id)
  }

  app.post<{ Body: CreateProvider }>('/providers', describe.register, async (request, reply) => {
    const provider = await registerProvider(deps, callerOf(request), request.body)
    await hastenOrphans(deps.db, provider.id, deps.now())
    // A removed one of that name that comes back has the same id: what is known of its former address is void.
    deps.backends.forget(provider.id)
    // Read at once, so that the answer tells whether the settings work. A failure is part of the answer.
    return reply
      .code(201)
      .header('location', `/api/providers/${provider.id}`)
      .send(await readNow(accessScopeOf(request), provider.id))
  })

  app.get('/providers', describe.list, async (request) => ({
    items: await describeProviders(deps.db, accessScopeOf(request)),
  }))

  app.get<{ Params: ById }>('/providers/:id', describe.read, async (request) =>
    describeProvider(deps.db, accessScopeOf(request), request.params.id),
  )

  app.patch<{ Params: ById; Body: UpdateProvider }>(
    '/providers/:id',
    describe.change,
    async (request) => {
      const { id } = await lookUpProvider(deps.db, accessScopeOf(request), request.params.id)
      checkOwnFields(accessScopeOf(request), request.body)
      await changeProvider(deps, callerOf(request), id, request.body)
      if (request.body.storeBindingCredentials === false) await forgetCredentials(deps.db, id)
      await hastenOrphans(deps.db, id, deps.now())
      deps.backends.forget(id)
      return readNow(accessScopeOf(request), id)
    },
  )

  app.delete<{ Params: ById; Querystring: { drain?: 'true' | 'false' } }>(
    '/providers/:id',
    describe.remove,
    async (request, reply) => {
      const { id } = await lookUpProvider(deps.db, accessScopeOf(request), request.params.id)
      const state = await removeProvider(
        deps,
        callerOf(request),
        id,
        request.query.drain === 'true',
      )
      await deps.catalog.reload()
      return state === 'removed'
        ? reply.code(204).send()
        : reply.code(202).send(await describeProvider(deps.db, accessScopeOf(request), id))
    },
  )

  app.post<{ Params: ById }>('/providers/:id/refresh', describe.refresh, async (request) => {
    const { id } = await lookUpProvider(deps.db, accessScopeOf(request), request.params.id)
    await refreshOnRequest(deps, callerOf(request), id, AbortSignal.timeout(maxReadMs))
    return describeRead(accessScopeOf(request), id)
  })
}
