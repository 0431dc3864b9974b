import { startIssuer } from '../support/issuer.ts'
import { caller, startKontor, type Call, type TestKontor } from '../support/kontor.ts'
import { writeOidcFile } from '../support/oidc-file.ts'
import type { Teardown } from '../support/teardown.ts'

export interface Market {
  readonly kontor: TestKontor
  /** Calls with a token of the role agency that names these organisations. */
  agency(...organisations: string[]): Promise<Call>
  /** Calls with a token of the role provider that names this one. */
  provider(name: string): Promise<Call>
}

/** A Kontor that trusts an issuer whose tokens name roles, organisations and providers. */
export async function startMarket(t: Teardown): Promise<Market> {
  const issuer = await startIssuer(t)
  const kontor = await startKontor(t, {
    environment: {
      KONTOR_OIDC_FILE: await writeOidcFile(t, {
        issuer: issuer.url,
        audience: 'kontor',
        rolesClaim: 'roles',
        roles: { agency: 'agency', provider: 'provider' },
        organisationsClaim: 'organisations',
        providersClaim: 'providers',
      }),
    },
  })
  const as = async (claims: Record<string, unknown>): Promise<Call> =>
    caller(kontor.url, { authorization: `Bearer ${await issuer.sign(claims)}` })
  return {
    kontor,
    agency: (...organisations) => as({ sub: 'officer', roles: ['agency'], organisations }),
    provider: (name) => as({ sub: 'keeper', roles: ['provider'], providers: [name] }),
  }
}
