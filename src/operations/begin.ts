// The way into this room for those above it: an order writes its operation in its own transaction.
export { haltOperation } from './claims/halt.ts'
export { latestInDoubtUntil, type Halted } from './in-doubt/in-doubt.ts'
export { findDoubtfulChange } from './in-doubt/store.ts'
export { recordOrder } from './results/record-order.ts'
export { insertOperation, listRunning } from './store.ts'
export type { Claim } from './store.ts'
