// What the demo's catalogs say for people in `metadata.dvc`. All of it is invented, and follows
// from the data set, so that each start shows the same.
import { createHash } from 'node:crypto'
import type { SourcePlan, SourceProvider, SourceService, Words } from './demo-source.ts'
import type { Json } from './types.ts'

const isHigh = ({ attrs }: SourceService) => attrs.protection !== 'normal'

/** A number from 0 up to the bound that is the same for the same name at each start. */
function pick(name: string, bound: number): number {
  return createHash('sha256').update(name).digest().readUInt16BE(0) % bound
}

export function listService(provider: SourceProvider, service: SourceService): Json {
  const { attrs } = service
  const minTermMonths = Math.min(...service.plans.map((plan) => plan.min_term_months))
  return {
    schema: 'dvc-demo/1',
    demo: true,
    note: 'Invented demo data, not an offer.',
    i18n: { de: words(service, 'de'), en: words(service, 'en') },
    category: service.category,
    model: service.model,
    roles: { serviceOperator: provider.alias, platformOperator: provider.alias },
    protection: {
      confidentiality: attrs.protection,
      integrity: attrs.protection,
      availability: attrs.protection,
      vsNfd: attrs.vs_nfd ?? false,
    },
    ratings: [
      { scheme: 'demo-reifegrad', level: 2 + pick(service.name, 3), status: 'self-declared' },
    ],
    attestations: attestationsOf(service),
    location: {
      regions: attrs.regions,
      country: ['DE'],
      dataLocation: attrs.data_location,
      failsafeLevel: attrs.regions.length > 1 ? 3 : 2,
      thirdCountryAccess: false,
    },
    subProcessors:
      service.category === 'ai'
        ? [
            {
              name: 'Modellwerk GmbH (fiktiv)',
              country: 'DE',
              purpose: 'Betrieb der Sprachmodelle',
            },
          ]
        : [],
    contract: {
      models: ['direct', 'chain'],
      termsVersion: '2026-1',
      minTermMonths,
      noticeDays: minTermMonths >= 12 ? 90 : 30,
      dpaUrl: urlOf(provider, service, 'avv.pdf'),
    },
    sla: slaOf(service),
    exit: {
      exportFormats: attrs.bindable ? ['CSV', 'SQL'] : ['CSV', 'JSON'],
      retainDays: attrs.retain_after_delete_days ?? 30,
      deletionProof: isHigh(service),
    },
    eligibleLevels: attrs.levels,
    networks: attrs.vs_nfd === true ? ['ndb'] : ['internet', 'landesnetz'],
    signIn: service.model === 'SaaS' ? ['oidc', 'saml'] : ['oidc'],
    documents: documentsOf(provider, service),
    support: {
      hours: isHigh(service) ? 'Mo-So 0-24 Uhr' : 'Mo-Fr 8-17 Uhr',
      email: `hilfe@${hostOf(provider)}`,
    },
    accessibility: {
      standard: 'BITV 2.0',
      conformance: pick(service.name, 3) === 0 ? 'full' : 'partial',
      date: '2026-09-01',
      statementUrl: urlOf(provider, service, 'barrierefreiheit'),
    },
    ...(attrs.min_users === undefined ? {} : { minUsers: attrs.min_users }),
  }
}

function words({ description, attrs, plans }: SourceService, language: keyof Words) {
  const text = description[language]
  const regions = attrs.regions.join(', ')
  const longDescription =
    language === 'de'
      ? `${text}. Betrieb in ${regions}, ${plans.length} Plan/Pläne. Erfundene Demodaten.`
      : `${text}. Runs in ${regions}, ${plans.length} plan(s). Invented demo data.`
  return { displayName: text, description: text, longDescription }
}

// One has expired, and one ends soon, so that both can be seen.
function attestationsOf(service: SourceService): Json[] {
  const year = ['2026', '2027', '2028'][pick(service.name, 3)] ?? '2027'
  return [
    ...(isHigh(service) || pick(service.name, 2) === 0
      ? [
          {
            kind: 'C5',
            version: '2020',
            type: isHigh(service) ? 2 : 1,
            validTo: service.name === 'kafka' ? '2026-06-30' : `${year}-12-31`,
          },
        ]
      : []),
    ...(isHigh(service)
      ? [{ kind: 'ISO27001-GS', version: '2023', validTo: `${Number(year) + 1}-03-31` }]
      : []),
    ...(service.tags.includes('scs')
      ? [
          {
            kind: service.model === 'IaaS' ? 'SCS-IaaS' : 'SCS-KaaS',
            version: '5',
            validTo: '2027-10-31',
          },
        ]
      : []),
  ]
}

function slaOf(service: SourceService): Json {
  return {
    availabilityPercent: isHigh(service) ? 99.9 : 99.5,
    serviceHours: isHigh(service) ? 'Mo-So 0-24 Uhr' : 'Mo-Fr 7-19 Uhr',
    rtoHours: isHigh(service) ? 4 : 24,
    rpoHours: isHigh(service) ? 1 : 24,
    maintenanceWindow: 'So 2-6 Uhr',
  }
}

function documentsOf(provider: SourceProvider, service: SourceService): Json[] {
  const titled = (kind: string, de: string, en: string, file: string) => ({
    kind,
    title: { de, en },
    url: urlOf(provider, service, file),
  })
  return [
    titled('description', 'Leistungsbeschreibung', 'Service description', 'leistung.pdf'),
    titled('terms', 'Nutzungsbedingungen', 'Terms of use', 'bedingungen.pdf'),
    titled('dpa', 'Auftragsverarbeitungsvertrag', 'Data processing agreement', 'avv.pdf'),
    titled('toms', 'Technische Maßnahmen', 'Technical measures', 'tom.pdf'),
  ]
}

/** A host that RFC 2606 keeps free. */
function hostOf({ alias }: SourceProvider): string {
  return `${(alias.split(' ')[0] ?? 'demo').toLowerCase()}.example`
}

function urlOf(provider: SourceProvider, { name }: SourceService, file: string): string {
  return `https://${hostOf(provider)}/${name}/${file}`
}

/** @param hasUsers  whether the order has a parameter `users` */
export function listPlan({ attrs }: SourceService, plan: SourcePlan, hasUsers: boolean): Json {
  // A decimal string with at least cents: 1.90, 0.021.
  const net = (amount: number) => ({
    net: Number(amount.toFixed(2)) === amount ? amount.toFixed(2) : String(amount),
    currency: 'EUR',
  })
  const perUser = plan.unit.startsWith('per user')
  return {
    demo: true,
    i18n: {
      de: { displayName: plan.description.de, description: plan.description.de },
      en: { displayName: plan.description.en, description: plan.description.en },
    },
    price: [
      {
        kind: plan.metered === true ? 'metered' : plan.unit === 'MONTHLY' ? 'fixed' : 'per_unit',
        unit: plan.unit,
        ...net(plan.eur),
        ...(perUser && hasUsers ? { parameter: '/users' } : {}),
      },
      ...(plan.setup_eur === undefined
        ? []
        : [{ kind: 'one_time', unit: 'ONCE', ...net(plan.setup_eur) }]),
    ],
    minTermMonths: plan.min_term_months,
    approval: plan.approval,
    ...(attrs.extra_checks === undefined ? {} : { extraChecks: attrs.extra_checks }),
    fulfilment: {
      kind: attrs.fulfilment,
      expectedHours: attrs.fulfilment === 'manual-ticket' ? 48 : attrs.mode === 'sync' ? 0 : 1,
    },
    lifecycle: {
      state: plan.deprecated === true ? 'deprecated' : 'active',
      ...(plan.deprecated === true ? { endOfSale: '2027-06-30' } : {}),
    },
  }
}
