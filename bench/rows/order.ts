import { randomUUID } from 'node:crypto'
import type { Target } from '../load.ts'
import type { Catalog } from '../register.ts'
import type { Stage } from '../stage.ts'
import { ask } from '../verify.ts'

export interface NewOrder {
  /** Of an instance that does not exist yet: another one each time. */
  path(): string
  target(url: string): Target
  /** The provider's own ids of what is ordered. */
  readonly upstream: { readonly serviceId: string; readonly planId: string }
}

/**
 * An order for the first plan of the catalog, with parameters and context as platforms send them.
 */
export async function newOrder(stage: Stage): Promise<NewOrder> {
  const { body } = await ask({
    url: stage.kontor.url,
    method: 'GET',
    path: () => '/v2/catalog',
    headers: stage.headers,
    status: 200,
  })
  const [service] = (JSON.parse(body) as Catalog).services
  const planId = service?.plans[0]?.id
  if (service === undefined || planId === undefined) throw new Error('The catalog is empty.')
  const [upstream] = await stage.query(
    'select upstream_service_id, upstream_plan_id from plan_targets where plan_id = $1',
    [planId],
  )
  const place = {
    organization_guid: 'c7ab6b7d-6c1b-4b5e-a3d6-0d6fb1b2a5ef',
    space_guid: '1f0c6ab4-25a5-4a3e-8a2e-8a9d8c9a3c11',
  }
  const path = () => `/v2/service_instances/${randomUUID()}?accepts_incomplete=true`
  return {
    path,
    target: (url) => ({
      url,
      method: 'PUT',
      path,
      headers: { ...stage.headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        service_id: service.id,
        plan_id: planId,
        ...place,
        context: { platform: 'cloudfoundry', ...place },
        parameters: {
          tenant_name: 'Musterstadt',
          contact_email: 'it@musterstadt.example',
          users: 25,
        },
      }),
      status: 201,
    }),
    upstream: {
      serviceId: String(upstream?.['upstream_service_id']),
      planId: String(upstream?.['upstream_plan_id']),
    },
  }
}
