// The way into this room for those above it: an order writes its operation in its own transaction.
export { haltOperation } from './halt.ts'
export { recordOrder } from './record-order.ts'
export { findDoubtfulChange, insertOperation, listRunning } from './store.ts'
export { latestInDoubtUntil, type Halted } from './in-doubt.ts'
export type { Claim } from './store.ts'
