import { describeParameters } from './demo-parameters.ts'
import { listPlan, listService } from './demo-listing.ts'
import type { SourcePlan, SourceProvider, SourceService } from './demo-source.ts'
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
      dvc: listService(provider, service),
    },
    plans: service.plans.map((plan) => renderPlan(service, plan)),
  }
}

function renderPlan(service: SourceService, plan: SourcePlan): OsbPlan {
  const { attrs } = service
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
      dvc: listPlan(service, plan, hasUsers(schemas)),
    },
  }
}

function hasUsers(schemas: Json | undefined): boolean {
  return schemas !== undefined && JSON.stringify(schemas).includes('"users":')
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
