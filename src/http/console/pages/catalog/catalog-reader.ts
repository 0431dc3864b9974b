import type { Role } from '../../../../tenancy/principal.ts'
import { orderReader } from '../../../auth/roles.ts'

/** Those who read the catalog over the API, and people without a role, who see an empty one. */
export const catalogReader: readonly Role[] = [...orderReader, 'person']
