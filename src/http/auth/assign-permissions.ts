import type { FastifyInstance } from 'fastify'
import type { Scope } from '../scope.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the table of the route's scope says; of a type that only that scope knows. */
    permission?: unknown
  }
}

/**
 * Gives each route of a scope its permission from the scope's table, deny by default: a route
 * without an entry stops the start, and so does an entry without a route.
 */
export function assignPermissions(
  app: FastifyInstance,
  { permissions, prefix }: Pick<Scope, 'permissions' | 'prefix'>,
): void {
  const table = `the permissions of the scope "${prefix}"`
  const unused = new Set(Object.keys(permissions))
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      // fastify adds a HEAD route to every GET route by itself.
      const key = `${method === 'HEAD' ? 'GET' : method} ${route.url}`
      const permission = permissions[key]
      if (permission === undefined) throw new Error(`The route ${key} has no entry in ${table}.`)
      unused.delete(key)
      route.config = { ...route.config, permission }
    }
  })
  app.addHook('onReady', async () => {
    if (unused.size > 0)
      throw new Error(`There are entries without a route in ${table}: ${[...unused].join(', ')}.`)
  })
}
