import type { FastifyInstance } from 'fastify'
import type { Role } from '../../tenancy/principal.ts'

/** One noun of the management API: its routes, and who may call them. */
export interface Noun<Deps> {
  /**
   * `METHOD /whole/path` of each of its routes, and the roles that may call it; what they see is
   * bounded by their access scope. A route without an entry stops the start, and so does an entry
   * without a route.
   */
  readonly permissions: Readonly<Record<string, readonly Role[]>>
  readonly addRoutes: (app: FastifyInstance, deps: Deps) => Promise<void>
}

/**
 * The one table from which the management API authorizes.
 * @throws Error  for a route that two nouns name: one of them would decide alone, unseen
 */
export function permissionsOf(
  nouns: ReadonlyArray<Pick<Noun<never>, 'permissions'>>,
): Noun<never>['permissions'] {
  const table: Record<string, readonly Role[]> = {}
  for (const [route, roles] of nouns.flatMap(({ permissions }) => Object.entries(permissions))) {
    if (Object.hasOwn(table, route)) throw new Error(`Two nouns say who may call ${route}.`)
    table[route] = roles
  }
  return table
}

/** Shows in openapi.yaml, route by route, whom that table lets in: one of these roles is enough. */
export function showRoles(app: FastifyInstance, table: Noun<never>['permissions']): void {
  app.addHook('onRoute', (route) => {
    const roles = table[`${[route.method].flat().join()} ${route.url}`] ?? []
    route.schema = { ...route.schema, security: roles.map((role) => ({ person: [role] })) }
  })
}
