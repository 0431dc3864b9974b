// The operator's view of what waits for a person.
export { countParked } from './store.ts'
