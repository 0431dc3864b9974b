// For the figures: how far the chain is behind what was recorded.
export { countAwaiting as countUnlinked } from './store.ts'
