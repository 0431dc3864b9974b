// What a reconciliation reads of instances, over all platforms: an operator's view, never a platform's.
export {
  findIdleInstance,
  findIdleInstances,
  findInstancesByUpstream,
  listIdleInstances,
  listInstancesNotReady,
} from './store.ts'
export type { IdleInstance, KnownUpstream } from './store.ts'
