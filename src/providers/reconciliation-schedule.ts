export { claimDueProviders, planRuns } from './reconciliation-schedule/store.ts'
