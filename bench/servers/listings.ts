// Providers under /1, /2, ... whose offerings have prices and listing fields as people read them.
// They carry out every order at once.
import type { RequestListener } from 'node:http'

export interface ListingsOptions {
  /** Of each provider, with two plans each. */
  readonly offerings: number
}

const things = ['Datenbank', 'Messenger', 'Objektspeicher', 'Formularserver', 'Videokonferenz']
const inEnglish = ['Database', 'Messenger', 'Object storage', 'Form server', 'Video conference']
const places = ['Musterstadt', 'Neuental', 'Weiler', 'Musterdorf', 'Beispielkreis', 'Musterland']
const categories = ['collaboration', 'platform', 'ai', 'admin', 'data', 'integration']
const needs = ['normal', 'hoch', 'sehr_hoch']
const models = ['IaaS', 'PaaS', 'SaaS']

export async function listingsServer({ offerings }: ListingsOptions): Promise<RequestListener> {
  return (request, response) => {
    const [, provider = '', , resource] = (request.url ?? '').split(/[/?]/)
    request.resume().on('end', () => {
      const isCatalog = resource === 'catalog'
      const body = isCatalog ? catalogOf(Number(provider), offerings) : {}
      response
        .writeHead(request.method === 'PUT' ? 201 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(body))
    })
  }
}

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T

function catalogOf(provider: number, offerings: number): object {
  return {
    services: Array.from({ length: offerings }, (_, index) => offeringOf(provider, index)),
  }
}

function offeringOf(provider: number, index: number): object {
  const at = provider * 7 + index
  const need = pick(needs, at)
  const place = pick(places, provider)
  const text = (thing: string, of: string) => ({
    displayName: `${thing} ${place} ${index}`,
    description: `${thing} ${of} ${place}, number ${provider}-${index}`,
  })
  return {
    id: `offering-${provider}-${index}`,
    name: `service-${index}`,
    description: `${pick(inEnglish, at)} of ${place}`,
    bindable: true,
    plan_updateable: true,
    tags: [pick(categories, at), `kind-${index}`],
    metadata: {
      documentationUrl: `https://docs.example.org/${provider}/${index}`,
      dvc: {
        i18n: { de: text(pick(things, at), 'aus'), en: text(pick(inEnglish, at), 'from') },
        category: pick(categories, at),
        model: pick(models, at),
        protection: { confidentiality: need, integrity: need, availability: need, vsNfd: false },
        location: { regions: [`de-${provider % 16}`], country: ['DE'] },
        attestations: [{ kind: 'C5', version: '2020', type: 2, validTo: '2099-06-30' }],
        contract: { minTermMonths: 3, noticeDays: 30 },
        sla: { availabilityPercent: 99.5, serviceHours: 'Mo-Fr 8-17' },
        exit: { retainDays: 30 },
      },
    },
    plans: ['small', 'large'].map((name, size) => ({
      id: `plan-${provider}-${index}-${name}`,
      name,
      description: `A ${name} one`,
      schemas: { service_instance: { create: { parameters: parametersSchema } } },
      metadata: { dvc: planListing(10 + ((at * 13) % 900) * (size + 1)) },
    })),
  }
}

const parametersSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { users: { title: 'Users', type: 'integer', minimum: 1 } },
}

function planListing(net: number): object {
  return {
    price: [{ kind: 'fixed', unit: 'MONTHLY', net: net.toFixed(2), currency: 'EUR' }],
    fulfilment: { kind: 'osb-broker', expectedHours: 1 },
  }
}
