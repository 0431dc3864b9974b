// A Kontor with organisations, people who order for them, and a provider with listing fields.
import { organisation } from '../access/tenants.ts'
import { startIssuer } from '../support/issuer.ts'
import {
  caller,
  startKontor,
  type Call,
  type KontorOptions,
  type TestKontor,
  type TestProvider,
} from '../support/kontor.ts'
import { writeOidcFile } from '../support/oidc-file.ts'
import type { Teardown } from '../support/teardown.ts'
import type { OsbCatalog, ServiceBehaviour } from '../../tools/simulator/types.ts'
import type { PersonRole } from '../../src/types.gen.ts'

export interface Shop {
  readonly kontor: TestKontor
  readonly nord: TestProvider
  /** Calls of a person with a role in an organisation; the name says which person. */
  person(
    name: string,
    organisation?: string,
    role?: PersonRole,
    claims?: Record<string, unknown>,
  ): Promise<Call>
  /** The bearer token of such a person, for commands. */
  tokenOf(name: string, claims?: Record<string, unknown>): Promise<string>
}

const usersSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['users'],
  properties: {
    users: { type: 'integer', minimum: 1, maximum: 100 },
    password: { type: 'string', format: 'password', writeOnly: true },
  },
}

export function shopCatalog(net = '19.90', version = '1.0.0'): OsbCatalog {
  const schemas = {
    service_instance: { create: { parameters: usersSchema }, update: { parameters: {} } },
  }
  const plan = (id: string, more: object = {}) => ({
    id: `nord-${id}`,
    name: id,
    description: `Plan ${id}`,
    schemas,
    maintenance_info: { version },
    metadata: { dvc: { price: [{ kind: 'fixed', unit: 'MONTHLY', net, currency: 'EUR' }] } },
    ...more,
  })
  const chat = {
    id: 'nord-chat',
    name: 'chat',
    description: 'A messenger',
    bindable: true,
    plan_updateable: true,
    metadata: {
      dvc: {
        i18n: { de: { displayName: 'Nachrichten' }, en: { displayName: 'Messages' } },
        protection: { confidentiality: 'hoch', integrity: 'hoch', availability: 'hoch' },
        contract: { minTermMonths: 3, noticeDays: 30 },
        exit: { retainDays: 14 },
      },
    },
    plans: [plan('small'), plan('large')],
  }
  return { services: [chat] }
}

export async function startShop(
  t: Teardown,
  options: KontorOptions & { readonly behaviour?: ServiceBehaviour } = {},
): Promise<Shop> {
  const issuer = await startIssuer(t)
  const { behaviour = { mode: 'sync' }, environment, ...rest } = options
  const mapping = {
    rolesClaim: 'roles',
    roles: { 'k-agency': 'agency' },
    organisationsClaim: 'organisations',
  }
  const kontor = await startKontor(t, {
    ...rest,
    environment: {
      KONTOR_OIDC_FILE: await writeOidcFile(t, {
        issuer: issuer.url,
        audience: 'kontor',
        ...mapping,
      }),
      ...environment,
    },
  })
  const nord = await kontor.addProvider('nord', {
    catalog: shopCatalog(),
    behaviours: { '*': behaviour },
  })
  const land = await organisation(kontor, 'land', 'land')
  await organisation(kontor, 'stadt', 'kommune', land)
  await organisation(kontor, 'dorf', 'kommune')
  const centres = [{ id: '4711', name: 'Informationstechnik' }]
  await kontor.admin('PATCH', '/api/organisations/land', { costCentres: centres })
  const tokenOf = (name: string, claims: Record<string, unknown> = {}) =>
    issuer.sign({ sub: name, name, ...claims })
  return {
    kontor,
    nord,
    tokenOf,
    async person(name, of, role = 'orderer', claims) {
      const call = caller(kontor.url, { authorization: `Bearer ${await tokenOf(name, claims)}` })
      const { body } = await call('GET', '/api/people/me')
      if (of !== undefined)
        await kontor.admin('POST', '/api/memberships', { person: body.id, organisation: of, role })
      return call
    },
  }
}

export const wanted = {
  organisation: 'stadt',
  offering: 'nord-chat',
  plan: 'small',
  instanceName: 'Nachrichten der Kämmerei',
  parameters: { users: 5 },
  purpose: 'Abstimmung mit den Ämtern',
  costCentre: '4711',
  protectionNeed: 'normal',
}
