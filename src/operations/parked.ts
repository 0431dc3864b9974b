// For the metrics: how many operations wait for an operator.
export { countParked } from './store.ts'
