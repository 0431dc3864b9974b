// What the orders of instances/ and bindings/ read and write of operations, in statements of their
// own.
export { haltOperation } from './claims/halt.ts'
export type { Halted } from './in-doubt/in-doubt.ts'
export { findDoubtfulChange } from './in-doubt/store.ts'
export { orderRecorded } from './results/record-order.ts'
export { firstOperation, insertOperation, listRunning } from './store.ts'
export type { Claim } from './store.ts'
export { findReport } from './reports/store.ts'
