import type { FastifyInstance } from 'fastify'
import type { Role } from '../../tenancy/principal.ts'

export interface Tag {
  readonly name: string
  readonly description: string
}

/** One noun of the management API: its routes, and who may call them. */
export interface Noun<Deps> {
  /** The group that /docs shows its routes in; absent: `Management`. */
  readonly tag?: Tag
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

const management: Tag = {
  name: 'Management',
  description: 'For people and machines with a role.',
}

/** The groups of nouns, in their order. */
export function tagsOf(nouns: ReadonlyArray<Pick<Noun<never>, 'tag'>>): readonly Tag[] {
  return [...new Set(nouns.map(({ tag = management }) => tag))]
}

/**
 * Shows in openapi.yaml, route by route, to which noun it belongs, and whom the table lets in: one
 * of these roles is enough.
 */
export function describeRoutes(
  app: FastifyInstance,
  table: Noun<never>['permissions'],
  nouns: ReadonlyArray<Pick<Noun<never>, 'permissions' | 'tag'>>,
): void {
  const tags = new Map(
    nouns.flatMap(({ permissions, tag = management }) =>
      Object.keys(permissions).map((route) => [route, tag.name] as const),
    ),
  )
  app.addHook('onRoute', (route) => {
    const key = `${[route.method].flat().join()} ${route.url}`
    const security = (table[key] ?? []).map((role) => ({ person: [role] }))
    const tag = tags.get(key)
    route.schema = { ...route.schema, security, ...(tag === undefined ? {} : { tags: [tag] }) }
  })
}
