import type { FastifyInstance } from 'fastify'
import { audit } from './audit.ts'
import { bindings } from './bindings.ts'
import { catalog } from './catalog.ts'
import { comparisons } from './comparisons.ts'
import { credentials } from './credentials.ts'
import { instances } from './instances.ts'
import { integrity } from './integrity.ts'
import { invitations } from './invitations.ts'
import { mappings } from './mappings.ts'
import { memberships } from './memberships.ts'
import { permissionsOf } from './noun.ts'
import { operations } from './operations.ts'
import { organisations } from './organisations.ts'
import { orders } from './orders.ts'
import { orphans } from './orphans.ts'
import { people } from './people.ts'
import { platforms } from './platforms.ts'
import { providerCatalogs } from './provider-catalogs.ts'
import { providers } from './providers.ts'
import { quotas } from './quotas.ts'
import { reconciliation } from './reconciliation.ts'
import { registrations } from './registrations.ts'
import { tokens } from './tokens.ts'
import { visibility } from './visibility.ts'

/** All of the management API; openapi.yaml shows them in this order. */
export const nouns = [
  providers,
  providerCatalogs,
  reconciliation,
  operations,
  orphans,
  audit,
  organisations,
  platforms,
  credentials,
  mappings,
  visibility,
  quotas,
  people,
  memberships,
  registrations,
  invitations,
  tokens,
  integrity,
  catalog,
  comparisons,
  orders,
  instances,
  bindings,
] as const

/** All that any of them needs. */
export type NounDeps = (typeof nouns)[number]['addRoutes'] extends (
  app: FastifyInstance,
  deps: infer Deps,
) => unknown
  ? Deps
  : never

export const apiPermissions = permissionsOf(nouns)
