// Minimal orders for back-end tests; a test adds the fields that it checks.
import type {
  UpstreamBindOrder,
  UpstreamDeprovisionOrder,
  UpstreamProvisionOrder,
  UpstreamUnbindOrder,
  UpstreamUpdateOrder,
} from '../../src/backends/backend.ts'

const instance = {
  instanceId: '11111111-1111-4111-8111-111111111111',
  serviceId: 'service-1',
  planId: 'plan-1',
  acceptsIncomplete: true,
}
const binding = { ...instance, bindingId: '22222222-2222-4222-8222-222222222222' }

export const order = {
  provision: (more: Partial<UpstreamProvisionOrder> = {}): UpstreamProvisionOrder => ({
    ...instance,
    organizationGuid: 'org-1',
    spaceGuid: 'space-1',
    ...more,
  }),
  update: (more: Partial<UpstreamUpdateOrder> = {}): UpstreamUpdateOrder => ({
    ...instance,
    ...more,
  }),
  deprovision: (more: Partial<UpstreamDeprovisionOrder> = {}): UpstreamDeprovisionOrder => ({
    ...instance,
    ...more,
  }),
  bind: (more: Partial<UpstreamBindOrder> = {}): UpstreamBindOrder => ({ ...binding, ...more }),
  unbind: (more: Partial<UpstreamUnbindOrder> = {}): UpstreamUnbindOrder => ({
    ...binding,
    ...more,
  }),
}
