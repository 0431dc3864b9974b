import type { JsonWebKey } from 'node:crypto'
import { html } from 'ghtml'
import type { DemoPerson } from './people.ts'
import { MemoryStorage } from './storage.ts'

/** Kontor's client id at the issuer. */
export const clientId = 'kontor'

export interface Opened {
  readonly people: readonly DemoPerson[]
  readonly key: JsonWebKey
  readonly secret: string
  readonly kontor: string | undefined
}

/** How oidc-provider is set up. */
export function configurationOf({ people, key, secret, kontor }: Opened): Record<string, unknown> {
  return {
    adapter: MemoryStorage,
    jwks: { keys: [{ ...key, alg: 'RS256', use: 'sig' }] },
    clients:
      kontor === undefined
        ? []
        : [
            {
              client_id: clientId,
              client_secret: secret,
              redirect_uris: [`${kontor}/sign-in/return`],
              backchannel_logout_uri: `${kontor}/oidc/back-channel-logout`,
              backchannel_logout_session_required: true,
            },
          ],
    claims: {
      openid: ['sub', 'sid'],
      profile: ['name', 'roles', 'organisations', 'providers'],
      email: ['email', 'email_verified'],
    },
    conformIdTokenClaims: false,
    cookies: { keys: [secret] },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { logoutSource, postLogoutSuccessSource },
    },
    // Without its dispatcher, which lets no request go to this machine, where Kontor is.
    fetch: (address: URL, options: RequestInit & { dispatcher?: unknown }) => {
      const { dispatcher: _guarded, ...rest } = options
      return fetch(address, rest)
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/choose/${uid}` },
    findAccount: (_context: unknown, subject: string) => {
      const person = people.find((each) => each.subject === subject)
      return person && { accountId: subject, claims: () => claimsOf(person) }
    },
    // No person is asked for consent: Kontor is the only client.
    loadExistingGrant: async (context: GrantContext) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      })
      grant.addOIDCScope('openid profile email')
      await grant.save()
      return grant
    },
    ttl: { Session: 43_200, Grant: 43_200, Interaction: 900, IdToken: 300, AccessToken: 300 },
  }
}

interface PageContext {
  body: string
}

async function logoutSource(context: PageContext, form: string): Promise<void> {
  context.body = html`<!doctype html>
    <html lang="en">
      <title>Sign out of the demo</title>
      <h1>Sign out of the demo?</h1>
      !${form}
      <button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
    </html>`
}

async function postLogoutSuccessSource(context: PageContext): Promise<void> {
  context.body = html`<!doctype html>
    <html lang="en">
      <title>Signed out</title>
      <h1>You have signed out of the demo.</h1>
    </html>`
}

interface GrantContext {
  readonly oidc: {
    readonly client: { readonly clientId: string }
    readonly session: { readonly accountId: string }
    readonly provider: {
      readonly Grant: new (of: object) => {
        addOIDCScope(scope: string): void
        save(): Promise<string>
      }
    }
  }
}

/** What tokens say of a person. */
export function claimsOf({ subject, name, email, roles, organisations, providers }: DemoPerson) {
  return { sub: subject, name, email, email_verified: true, roles, organisations, providers }
}
