export { listDigested, type DigestedOperation } from './store.ts'
