import type { Role } from '../../tenancy/principal.ts'

/**
 * Who may ask for a page: everybody, or people with one of these roles, of which every person has
 * `person`. `file`: everybody, and who asks is not looked up.
 */
export type PagePermission = 'file' | 'public' | readonly Role[]
