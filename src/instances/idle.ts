// What a reconciliation reads of instances, over all platforms: an operator's view, never a platform's.
export {
  findIdleInstance,
  findIdleInstances,
  findInstancesByUpstream,
  listIdleInstances,
  listInstancesNotReady,
} from './idle/store.ts'
export type { IdleInstance, KnownUpstream } from './idle/store.ts'
