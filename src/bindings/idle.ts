// What reconciliation/ reads of bindings.
export {
  findIdleBinding,
  findIdleBindings,
  findBindingsByUpstream,
  listIdleBindings,
  listBindingsNotReady,
} from './idle/store.ts'
