// Generated from the files beside it by "npm run gen". Do not edit.
import { audit } from './audit.ts'
import { bindings } from './bindings.ts'
import { catalog } from './catalog.ts'
import { comparisons } from './comparisons.ts'
import { credentials } from './credentials.ts'
import { deletionCertificates } from './deletion-certificates.ts'
import { events } from './events.ts'
import { instanceTimelines } from './instance-timelines.ts'
import { instances } from './instances.ts'
import { integrity } from './integrity.ts'
import { invitations } from './invitations.ts'
import { mail } from './mail.ts'
import { mappings } from './mappings.ts'
import { memberships } from './memberships.ts'
import { operations } from './operations.ts'
import { orderInstances } from './order-instances.ts'
import { orders } from './orders.ts'
import { organisations } from './organisations.ts'
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
  audit,
  bindings,
  catalog,
  comparisons,
  credentials,
  deletionCertificates,
  events,
  instanceTimelines,
  instances,
  integrity,
  invitations,
  mail,
  mappings,
  memberships,
  operations,
  orderInstances,
  orders,
  organisations,
  orphans,
  people,
  platforms,
  providerCatalogs,
  providers,
  quotas,
  reconciliation,
  registrations,
  tokens,
  visibility,
] as const
