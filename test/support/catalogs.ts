import type { OsbCatalog, OsbOffering } from '../../tools/simulator/types.ts'

/**
 * Two offerings: `db` can be bound, updated and rotated, `app` can be none of these. Ids begin with
 * the provider's name.
 */
export function catalogOf(provider: string): OsbCatalog {
  return { services: [databaseOffering(provider), plainOffering(provider)] }
}

function databaseOffering(provider: string): OsbOffering {
  const plan = (name: string) => ({
    id: `${provider}-db-${name}`,
    name,
    description: `${name} database`,
    binding_rotatable: true,
    maintenance_info: { version: '1.0.0' },
    maximum_polling_duration: 600,
  })
  return {
    id: `${provider}-db`,
    name: 'db',
    description: 'A database',
    tags: ['postgresql'],
    bindable: true,
    plan_updateable: true,
    instances_retrievable: true,
    bindings_retrievable: true,
    metadata: { displayName: 'Database', unknownField: { kept: true } },
    plans: [plan('small'), plan('large')],
  }
}

function plainOffering(provider: string): OsbOffering {
  return {
    id: `${provider}-app`,
    name: 'app',
    description: 'An application',
    bindable: false,
    instances_retrievable: true,
    plans: [
      { id: `${provider}-app-only`, name: 'only', description: 'The only plan', free: false },
    ],
  }
}
