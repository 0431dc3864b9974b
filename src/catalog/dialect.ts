import { planForCloudFoundry } from './cloud-foundry/fit-plan.ts'

/** What a platform takes: `cloudfoundry` refuses a catalog for one schema of a later draft. */
export type Dialect = 'any' | 'cloudfoundry'

/** The dialect of a kind of platform. */
export function dialectOf(kind: string | undefined): Dialect {
  return kind === 'cloudfoundry' ? 'cloudfoundry' : 'any'
}

/** The body of a published plan in a dialect. */
export function planIn(
  dialect: Dialect,
  body: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return dialect === 'cloudfoundry' ? planForCloudFoundry(body) : body
}
