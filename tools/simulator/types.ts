// Shapes inside the simulator. Records keep the spec's snake_case because the journal and the
// inspection endpoints show them as they are; nothing here is a wire type of Kontor itself.

export type Json = Record<string, unknown>

export interface OsbPlan {
  id: string
  name: string
  description?: string
  free?: boolean
  bindable?: boolean
  plan_updateable?: boolean
  binding_rotatable?: boolean
  maximum_polling_duration?: number
  maintenance_info?: { version: string; description?: string }
  schemas?: Json
  metadata?: Json
  [extension: string]: unknown
}

export interface OsbOffering {
  id: string
  name: string
  description?: string
  tags?: string[]
  requires?: string[]
  bindable?: boolean
  plan_updateable?: boolean
  instances_retrievable?: boolean
  bindings_retrievable?: boolean
  allow_context_updates?: boolean
  metadata?: Json
  plans: OsbPlan[]
  [extension: string]: unknown
}

export interface OsbCatalog {
  services: OsbOffering[]
  [extension: string]: unknown
}

export interface ServiceBehaviour {
  mode: 'sync' | 'async'
  /**
   * Binds and unbinds run asynchronously too; only where the offering has bindings_retrievable, as
   * the spec demands.
   */
  asyncBinding?: boolean
  provisionSeconds?: number
  updateSeconds?: number
  deprovisionSeconds?: number
  bindSeconds?: number
  unbindSeconds?: number
  /**
   * Descriptions an asynchronous run moves through; " (2 of 5)" is added. Without them: a
   * percentage.
   */
  steps?: string[]
  bindingExpiresDays?: number
  /** Sent as Retry-After with every last_operation that is in progress. */
  retryAfterSeconds?: number
  dashboard?: boolean
  /** A bind without an app is answered 422 RequiresApp. */
  requiresApp?: boolean
  /** Default true: deprovisioning an instance that still has bindings is answered 400. */
  refuseDeprovisionWithBindings?: boolean
  /** Default true: last_operation answers 410 after an asynchronous delete, else 200 succeeded. */
  goneAfterDelete?: boolean
  /** Default true: a DELETE while the create runs halts it, else 422 ConcurrencyError. */
  haltOnDelete?: boolean
  /**
   * Default false: a second bind or unbind on one instance is answered 422 ConcurrencyError while
   * the first runs.
   */
  serializeBindings?: boolean
  /** What a 202 carries: a plain token, one that needs percent-encoding, or no operation at all. */
  operationStyle?: 'plain' | 'odd' | 'none'
}

export type OperationKind = 'provision' | 'update' | 'deprovision' | 'bind' | 'unbind'

export type Endpoint =
  | OperationKind
  | 'catalog'
  | 'inventory'
  | 'fetch_instance'
  | 'last_operation'
  | 'fetch_binding'
  | 'binding_last_operation'

export interface FailedOperation {
  description: string
  instance_usable?: boolean
  update_repeatable?: boolean
}

export interface OperationRecord {
  operation: string
  kind: OperationKind
  instance_id: string
  binding_id?: string
  service_id: string
  /** The plan while the operation started; polls of a plan change still send it. */
  plan_id: string
  /**
   * What was asked: the body, or the query of a DELETE. An equal request is a re-send of this one.
   */
  asked: Json
  asynchronous: boolean
  /** False where the 202 carried none. */
  named: boolean
  started_at: number
  seconds: number
  never?: boolean
  failure?: FailedOperation
  previous_state?: string
  state: 'in progress' | 'succeeded' | 'failed'
  description?: string
}

export interface InstanceRecord {
  instance_id: string
  service_id: string
  plan_id: string
  organization_guid: string
  space_guid: string
  context: Json
  parameters: Json
  maintenance_info: Json | null
  state: 'creating' | 'ready' | 'updating' | 'deleting' | 'failed'
  operation: string | null
  created_at: string
}

export interface BindingRecord {
  instance_id: string
  binding_id: string
  service_id: string
  plan_id: string
  context: Json
  parameters: Json
  bind_resource: Json
  predecessor_binding_id: string | null
  state: 'creating' | 'ready' | 'deleting' | 'failed'
  operation: string | null
  /** What the platform gets: credentials, endpoints, metadata and so on. */
  data: Json
  created_at: string
  expires_at: number | null
}

export interface OperationHandlers {
  provisioned: number
  updated: number
  deprovisioned: number
  bound: number
  unbound: number
}

export interface Duplicate {
  kind: 'instance' | 'binding'
  instance_id: string
  binding_id?: string
  made_at: string
}

export interface RequestRecord {
  method: string
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  body: unknown
  endpoint: Endpoint | null
  /** null: no answer was given (hang, closed connection, crash) or none yet. */
  status: number | null
  fault?: string
}

export interface SimulatorState {
  provider: string
  instances: Array<InstanceRecord & { bindings: BindingRecord[] }>
  operations: OperationRecord[]
  effects: OperationHandlers
  duplicates: Duplicate[]
  requests: Record<string, number>
  lastRequests: RequestRecord[]
}

export type FaultTarget = Endpoint | 'any'

export type Malformation =
  'truncated_json' | 'html' | 'not_json' | 'wrong_types' | 'empty' | 'array'

export type FaultAction =
  | { delayMs: number }
  | { hang: true }
  | { status: number; body?: unknown; headers?: Record<string, string> }
  | { malformed: Malformation; status?: number }
  | { hugeBytes: number }
  | { closeConnection: true }
  | { drip: { bytes: number; everyMs: number } }
  | { never: true }
  | { failOperation: FailedOperation }
  | { crash: true }
  | { forget: true }

export interface Fault {
  on: FaultTarget
  /** Default 1; 0 = for ever. */
  times?: number
  /** Skips the first n matching requests. */
  after?: number
  match?: { instance_id?: string; service_id?: string }
  /** before (default): nothing happened. after: it happened and the answer is spoilt. */
  when?: 'before' | 'after'
  do: FaultAction
}

export interface StandingFault extends Fault {
  id: string
  seen: number
  fired: number
}

export type CatalogMode =
  'normal' | 'shrink' | 'empty' | 'change_ids' | 'double_ids' | 'html' | 'invalid'

export interface Settings {
  duplicateDetection: boolean
  catalogMode: CatalogMode
  /** Names of the offerings that catalogMode shrink leaves out; without it the first half goes. */
  catalogWithout: string[]
  behaviours: Record<string, ServiceBehaviour>
  /** Most instances on one page of the inventory. */
  inventoryPageSize: number
  /** Each answer has null in every optional field that it does not have. */
  nulls: boolean
}

export interface SimulatorOptions {
  catalog: OsbCatalog
  /** Shown in the state and in the ready line. */
  provider?: string
  port?: number
  host?: string
  /** For example /osb: the broker is then at <url>/osb/v2. */
  pathPrefix?: string
  username?: string
  password?: string
  bearerToken?: string
  /** By service id; '*' is for every service that has none of its own. */
  behaviours?: Record<string, ServiceBehaviour>
  stateFile?: string
  tls?: { key: string; cert: string }
  openInspection?: boolean
  now?: () => number
  /**
   * What a crash fault does after the act was written; default: all sockets and the listener are
   * closed.
   */
  onCrash?: () => void
}

export interface Faults {
  add(fault: Fault): string
  list(): StandingFault[]
  /** Without an id: all of them. */
  clear(id?: string): void
}

export interface Simulator {
  url: string
  port: number
  faults: Faults
  state(): SimulatorState
  configure(settings: Partial<Settings>): void
  setCatalog(catalog: OsbCatalog): void
  stop(): Promise<void>
}
