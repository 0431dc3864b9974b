import { findBehaviour, findKnown, findOffered, findPlan } from './catalog.ts'
import type { CatalogShelf } from './catalog.ts'
import type { Twist } from './fault.ts'
import { refuseBadRequest, Refusal } from './refusal.ts'
import type {
  Endpoint,
  Json,
  OperationRecord,
  OsbOffering,
  OsbPlan,
  ServiceBehaviour,
  Settings,
} from './types.ts'
import type { Change, World } from './world.ts'

export interface Desk {
  world: World
  shelf: CatalogShelf
  settings: Settings
  readUrl(): string
}

/** One broker request, read but not yet validated. */
export interface Call {
  endpoint: Endpoint
  instanceId: string
  bindingId: string
  query: URLSearchParams
  body: Json
  headers: Record<string, string>
  now: number
  twist: Twist
}

/**
 * A verb returns its answer and its changes; serve.ts commits them, so that a fault can spoil
 * either half.
 */
export interface StepResult {
  status: number
  body: Json | Buffer
  headers?: Record<string, string>
  changes: Change[]
}

export function answer(status: number, body: Json, changes: Change[] = []): StepResult {
  return { status, body, changes }
}

/** 202, or the end of a synchronous run that is already over. */
export function answerOperation(
  operation: OperationRecord,
  status: number,
  body: Json,
  changes: Change[],
): StepResult {
  if (operation.asynchronous)
    return answer(
      202,
      operation.named ? { operation: operation.operation, ...body } : body,
      changes,
    )
  if (operation.failure) return answer(500, { ...operation.failure }, changes)
  return answer(status, body, changes)
}

export function acceptsIncomplete(call: Call): boolean {
  return call.query.get('accepts_incomplete') === 'true'
}

export function behaviourOf(desk: Desk, serviceId: string): ServiceBehaviour {
  return findBehaviour(desk.shelf, desk.settings.behaviours, serviceId)
}

/**
 * `never` needs an asynchronous operation; a failure comes late where the platform accepts that.
 */
export function runsAsync(wanted: boolean, call: Call): boolean {
  return wanted || call.twist.never || (call.twist.failure !== undefined && acceptsIncomplete(call))
}

export function readText(body: Json, field: string): string {
  const value = body[field]
  if (typeof value === 'string' && value !== '') return value
  return refuseBadRequest(`${field} must be a non-empty string.`)
}

export function readOptionalText(body: Json, field: string): string | undefined {
  return body[field] === undefined ? undefined : readText(body, field)
}

export function readObject(body: Json, field: string): Json | undefined {
  const value = body[field]
  if (value === undefined) return undefined
  return isObject(value) ? value : refuseBadRequest(`${field} must be a JSON object.`)
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function requireOffered(
  desk: Desk,
  serviceId: string,
  planId: string,
): { offering: OsbOffering; plan: OsbPlan } {
  const offering =
    findOffered(desk.shelf, serviceId) ??
    refuseBadRequest(`service_id ${serviceId} is not in this catalog.`)
  const plan =
    findPlan(offering, planId) ??
    refuseBadRequest(`plan_id ${planId} is not a plan of ${offering.name}.`)
  return { offering, plan }
}

/** For what exists already: its offering may have left the catalog since. */
export function findTarget(
  desk: Desk,
  record: { service_id: string; plan_id: string },
): { offering?: OsbOffering; plan?: OsbPlan } {
  const offering = findKnown(desk.shelf, record.service_id)
  const plan = findPlan(offering, record.plan_id)
  return { ...(offering ? { offering } : {}), ...(plan ? { plan } : {}) }
}

/** Path query hints: optional on reads, but never empty. */
export function readHint(call: Call, name: string): string | undefined {
  const value = call.query.get(name)
  if (value === '') refuseBadRequest(`${name} must not be empty.`)
  return value ?? undefined
}

export function requireQuery(call: Call, name: string): string {
  return readHint(call, name) ?? refuseBadRequest(`The query parameter ${name} is missing.`)
}

/** The ids that a DELETE or a poll names have to be those of the thing. */
export function checkSame(
  name: string,
  given: string | undefined,
  allowed: Array<string | undefined>,
): void {
  if (given !== undefined && !allowed.includes(given))
    refuseBadRequest(`${name} is not that of this resource.`)
}

const semver = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/

export function checkMaintenance(info: Json | undefined, plan: OsbPlan | undefined): void {
  if (info === undefined) return
  const version = readText(info, 'version')
  if (!semver.test(version))
    refuseBadRequest('maintenance_info.version must be a semantic version.')
  const current = plan?.maintenance_info?.version
  if (version === current) return
  const known = current === undefined ? 'this plan has none' : `the catalog has ${current}`
  throw new Refusal(
    422,
    `maintenance_info.version ${version} does not match: ${known}.`,
    'MaintenanceInfoConflict',
  )
}

export function offerDashboard(desk: Desk, serviceId: string, instanceId: string): Json {
  if (behaviourOf(desk, serviceId).dashboard !== true) return {}
  return { dashboard_url: `${desk.readUrl()}/dashboard/${encodeURIComponent(instanceId)}` }
}
