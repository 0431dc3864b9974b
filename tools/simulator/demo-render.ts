import { describeParameters } from './demo-parameters.ts'
import type { SourcePlan, SourceProvider, SourceService, Words } from './demo-source.ts'
import type { Json, OsbOffering, OsbPlan, ServiceBehaviour } from './types.ts'

export function renderOffering(provider: SourceProvider, service: SourceService): OsbOffering {
  const { attrs } = service
  return {
    id: service.id,
    name: service.name,
    description: service.description.en,
    tags: service.tags,
    bindable: attrs.bindable,
    plan_updateable: attrs.plan_updateable,
    instances_retrievable: attrs.instances_retrievable,
    bindings_retrievable: attrs.bindings_retrievable,
    metadata: {
      displayName: service.description.en,
      longDescription:
        `${service.description.en}. ` + `Demo data: an invented offer of ${provider.alias}.`,
      providerDisplayName: provider.alias,
      dvc: describeService(provider, service),
    },
    plans: service.plans.map((plan) => renderPlan(service, plan)),
  }
}

function describeService(provider: SourceProvider, { attrs, ...service }: SourceService): Json {
  const words = (language: keyof Words) => ({
    displayName: service.description[language],
    description: service.description[language],
  })
  return {
    schema: 'dvc-demo/1',
    demo: true,
    note: 'Invented demo data, not an offer.',
    i18n: { de: words('de'), en: words('en') },
    category: service.category,
    model: service.model,
    roles: { serviceOperator: provider.alias, platformOperator: provider.alias },
    protection: {
      confidentiality: attrs.protection,
      integrity: attrs.protection,
      availability: attrs.protection,
      vsNfd: attrs.vs_nfd ?? false,
    },
    ratings: [],
    attestations: [],
    location: {
      regions: attrs.regions,
      country: ['DE'],
      dataLocation: attrs.data_location,
      thirdCountryAccess: false,
    },
    subProcessors: [],
    contract: {
      models: ['direct'],
      termsVersion: 'demo',
      minTermMonths: Math.min(...service.plans.map((plan) => plan.min_term_months)),
    },
    ...(attrs.retain_after_delete_days === undefined
      ? {}
      : { exit: { retainDays: attrs.retain_after_delete_days } }),
    ...(attrs.min_users === undefined ? {} : { minUsers: attrs.min_users }),
    eligibleLevels: attrs.levels,
  }
}

function renderPlan({ attrs, ...service }: SourceService, plan: SourcePlan): OsbPlan {
  const schemas = describeParameters(service.name)
  return {
    id: plan.id,
    name: plan.name,
    description: plan.description.en,
    free: plan.free,
    ...(attrs.binding_rotatable === undefined
      ? {}
      : { binding_rotatable: attrs.binding_rotatable }),
    ...(attrs.maximum_polling_duration_s === undefined
      ? {}
      : { maximum_polling_duration: attrs.maximum_polling_duration_s }),
    ...(plan.maintenance_info === undefined
      ? {}
      : { maintenance_info: { version: plan.maintenance_info } }),
    ...(schemas === undefined ? {} : { schemas }),
    metadata: {
      displayName: plan.description.en,
      bullets: [plan.description.en],
      costs: [
        { amount: { eur: plan.eur }, unit: plan.unit },
        ...(plan.setup_eur === undefined
          ? []
          : [{ amount: { eur: plan.setup_eur }, unit: 'ONCE' }]),
      ],
      dvc: describePlan(attrs, plan),
    },
  }
}

function describePlan(attrs: SourceService['attrs'], plan: SourcePlan): Json {
  // A decimal string with at least cents: 1.90, 0.021.
  const net = (amount: number) => ({
    net: Number(amount.toFixed(2)) === amount ? amount.toFixed(2) : String(amount),
    currency: 'EUR',
  })
  return {
    demo: true,
    i18n: { de: { displayName: plan.description.de }, en: { displayName: plan.description.en } },
    price: [
      {
        kind: plan.metered === true || plan.unit !== 'MONTHLY' ? 'per_unit' : 'fixed',
        unit: plan.unit,
        ...net(plan.eur),
      },
      ...(plan.setup_eur === undefined
        ? []
        : [{ kind: 'one_time', unit: 'ONCE', ...net(plan.setup_eur) }]),
    ],
    minTermMonths: plan.min_term_months,
    approval: plan.approval,
    ...(attrs.extra_checks === undefined ? {} : { extraChecks: attrs.extra_checks }),
    fulfilment: { kind: attrs.fulfilment },
    lifecycle: { state: plan.deprecated === true ? 'deprecated' : 'active' },
  }
}

export function describeBehaviour({ attrs, name }: SourceService): ServiceBehaviour {
  // 3 to 8 seconds, the same each time: enough to be watched, short enough to be waited for.
  const seconds =
    name === 'dmessenger'
      ? 10
      : 3 + (Array.from(name).reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6)
  return {
    mode: attrs.mode,
    dashboard: true,
    ...(attrs.mode === 'async'
      ? {
          provisionSeconds: seconds,
          updateSeconds: Math.ceil(seconds / 2),
          deprovisionSeconds: Math.ceil(seconds / 2),
          retryAfterSeconds: 1,
        }
      : {}),
    ...(name === 'dmessenger' ? { steps: messengerSteps } : {}),
    ...(attrs.async_binding === true
      ? { asyncBinding: true, bindSeconds: 2, unbindSeconds: 2, retryAfterSeconds: 1 }
      : {}),
    ...(attrs.binding_expires_days === undefined
      ? {}
      : { bindingExpiresDays: attrs.binding_expires_days }),
  }
}

const messengerSteps = [
  'order is being checked',
  'tenant is being created',
  'sign-in is being connected',
  'rooms are being set up',
  'messenger is being tested',
]
