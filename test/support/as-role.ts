// Calls of a person with one role: the real app, whose authentication is the test's own.
import { Registry } from 'prom-client'
import { buildApp } from '../../src/app.ts'
import { BrokerError } from '../../src/errors.ts'
import { apiScope } from '../../src/http/api/scope.ts'
import { publicScope } from '../../src/http/public/scope.ts'
import type { AccessScope, Role } from '../../src/tenancy/principal.ts'
import { caller, type Call, type TestKontor } from './kontor.ts'
import type { Teardown } from './teardown.ts'

/** Starts a second HTTP side of `kontor`, in which every request comes from that person. */
export async function asRole(
  t: Teardown,
  kontor: TestKontor,
  role: Role,
  scope: AccessScope,
): Promise<Call> {
  const { runtime } = kontor.running
  const app = await buildApp(
    // A metrics registry takes each metric once, and the first app has registered them.
    { ...runtime, metrics: { ...runtime.metrics, registry: new Registry() } },
    [
      (deps) => ({
        ...apiScope(deps),
        async authenticate(request, _reply, allowed: readonly Role[]) {
          request.principal = { kind: 'person', actor: role, roles: new Set([role]), scope }
          if (!allowed.includes(role))
            throw new BrokerError('forbidden', 'Your roles do not allow this.')
        },
      }),
      publicScope,
    ],
  )
  t.teardown(() => app.close())
  return caller(await app.listen({ port: 0, host: '127.0.0.1' }), {})
}
