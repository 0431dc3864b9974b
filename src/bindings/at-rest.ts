// What a reconciliation reads of bindings, over all platforms: an operator's view, never a platform's.
export {
  findBindingAtRest,
  findBindingsAtRest,
  findBindingsByUpstream,
  listBindingsAtRest,
  listBindingsNotReady,
} from './store.ts'
