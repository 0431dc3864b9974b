import type { FastifyInstance } from 'fastify'
import { verifyLogoutToken } from '../../oidc/sign-in/logout-token.ts'
import { endSessionsAtIssuer } from '../../people/sessions/end.ts'
import type { PageDeps } from './asked.ts'

export const logoutPermissions: Readonly<Record<string, 'file'>> = {
  'POST /oidc/back-channel-logout': 'file',
}

/**
 * Where an issuer says that a person has signed out there (OpenID Connect Back-Channel Logout 1.0).
 * Its token says who calls; the answers are those of section 2.8.
 */
export function logoutRoute(app: FastifyInstance, deps: PageDeps): void {
  app.post('/oidc/back-channel-logout', { schema: { hide: true } }, async (request, reply) => {
    const { logout_token: token } = (request.body ?? {}) as { logout_token?: unknown }
    const logout =
      typeof token === 'string' && deps.tokens !== undefined
        ? await verifyLogoutToken(token, deps.tokens, deps.now())
        : undefined
    const alias = logout === undefined ? undefined : deps.issuerOf(logout.issuer)?.alias
    if (logout === undefined || alias === undefined)
      return reply.code(400).send({ error: 'invalid_request' })
    const { issuer, sid, subject, issuedAt } = logout
    await endSessionsAtIssuer(deps, alias, { issuer, sid, subject, until: issuedAt })
    return reply.code(200).send()
  })
}
