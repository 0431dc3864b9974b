// What reconciliation/ reads of instances.
export {
  findIdleInstance,
  findIdleInstances,
  findInstancesByUpstream,
  listIdleInstances,
  listInstancesNotReady,
} from './idle/store.ts'
export type { IdleInstance, KnownUpstream } from './idle/store.ts'
