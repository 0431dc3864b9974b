// What a reconciliation reads of bindings, over all platforms: an operator's view, never a platform's.
export {
  findIdleBinding,
  findIdleBindings,
  findBindingsByUpstream,
  listIdleBindings,
  listBindingsNotReady,
} from './idle/store.ts'
