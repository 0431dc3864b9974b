// What a reconciliation reads of instances, over all platforms: an operator's view, never a platform's.
export {
  findInstanceAtRest,
  findInstancesAtRest,
  findInstancesByUpstream,
  listInstancesAtRest,
  listInstancesNotReady,
} from './store.ts'
export type { InstanceAtRest, KnownUpstream } from './store.ts'
