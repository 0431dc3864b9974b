export { listPastOperations, type PastOperation } from './store.ts'
