export { findOrderedOperation, listPastOperations, type PastOperation } from './store.ts'
