// Generated from schemas/ by "npm run gen". Do not edit.

/**
 * Body of POST /api/platforms/:id/credentials. Those of kind basic are made up by Kontor.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-credential".
 */
export type CreateCredential = CreateCredential1
/**
 * Federation, state or municipality. What is below an organisation is of the same level or of a later one of these.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "organisation-level".
 */
export type OrganisationLevel = 'bund' | 'land' | 'kommune'
/**
 * What orders there; other if nobody has said.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "platform-kind".
 */
export type PlatformKind = 'cloudfoundry' | 'kubernetes' | 'other'
/**
 * How Kontor signs in at the provider's broker: with user name and password, a bearer token, access tokens of OAuth 2.0 (client credentials, RFC 6749 section 4.4), a client certificate, or not at all. A client certificate can stand beside each of the first three.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "osb-credentials".
 */
export type OsbCredentials =
  OsbBasicCredentials | OsbBearerCredentials | OsbNoCredentials | OsbOAuth2Credentials | OsbCertificateCredentials
/**
 * What an operation does.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "operation-kind".
 */
export type OperationKindName = 'provision' | 'update' | 'deprovision' | 'bind' | 'unbind'
/**
 * Where an operation stands.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "operation-state".
 */
export type OperationStateName =
  'accepted' | 'calling' | 'waiting' | 'uncertain' | 'compensating' | 'parked' | 'succeeded' | 'failed'
/**
 * open: to be removed; removed: the provider says that it is gone; void: the order took effect after all; forgotten: an operator decided that it stays.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "orphan-state".
 */
export type OrphanStateName = 'open' | 'removed' | 'void' | 'forgotten'
/**
 * Why something may be left.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "orphan-cause".
 */
export type OrphanCauseName = 'doubtful_call' | 'late_call' | 'retained' | 'abandoned'
/**
 * suspended: nothing new is ordered; what is there can still be read, unbound and deleted. retired: gone for good, only its name stays.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "tenant-state".
 */
export type TenantState = 'active' | 'suspended' | 'retired'

export interface AllSchemas {
  'acknowledge-finding'?: AcknowledgeFinding
  'audit-event'?: AuditEventView
  'audit-page'?: AuditPage
  'catalog-finding'?: CatalogFinding
  'cost-centre'?: CostCentre
  'create-credential'?: CreateCredential
  'create-organisation'?: CreateOrganisation
  'create-platform'?: CreatePlatform
  'create-provider'?: CreateProvider
  'create-visibility-rule'?: CreateVisibilityRule
  'credential-list'?: CredentialList
  credential?: CredentialView
  'finding-facts'?: FindingFacts
  'finding-list'?: FindingList
  finding?: FindingView
  'issued-credential'?: IssuedCredential
  'mapping-page'?: MappingPage
  mapping?: MappingView
  named?: Named
  'operation-kind'?: OperationKindName
  'operation-page'?: OperationPage
  'operation-state'?: OperationStateName
  operation?: OperationView
  'operator-reason'?: OperatorReason
  'organisation-level'?: OrganisationLevel
  'organisation-page'?: OrganisationPage
  organisation?: OrganisationView
  'orphan-cause'?: OrphanCauseName
  'orphan-page'?: OrphanPage
  'orphan-state'?: OrphanStateName
  orphan?: OrphanView
  'platform-kind'?: PlatformKind
  'platform-page'?: PlatformPage
  'platform-visibility'?: PlatformVisibility
  platform?: PlatformView
  problem?: Problem
  'provider-list'?: ProviderList
  provider?: ProviderView
  'quota-page'?: QuotaPage
  quota?: QuotaView
  reconciliation?: ReconciliationView
  'set-mapping'?: SetMapping
  'set-quota'?: SetQuota
  'settle-operation'?: SettleOperation
  'tenant-state'?: TenantState
  'update-organisation'?: UpdateOrganisation
  'update-platform'?: UpdatePlatform
  'update-provider'?: UpdateProvider
  'update-visibility-rule'?: UpdateVisibilityRule
  upstream?: UpstreamIds
  'visibility-label'?: VisibilityLabel
  'visibility-rule-list'?: VisibilityRuleList
  'visibility-rule'?: VisibilityRuleView
  'visibility-what'?: VisibilityWhat
  'visibility-who'?: VisibilityWho
  'client-certificate'?: ClientCertificate
  'osb-credentials'?: OsbCredentials
  'osb-inventory'?: OsbInventory
  'osb-settings'?: OsbSettings
  config?: ConfigVariables
  oidc?: OidcFile
  'accepts-incomplete-query'?: AcceptsIncompleteQuery
  'bind-request'?: BindRequest
  'bind-response'?: BindResponse
  catalog?: Catalog
  context?: Context
  'delete-query'?: DeleteQuery
  'delete-response'?: DeleteResponse
  error?: OsbError
  'instance-metadata'?: InstanceMetadata
  'instance-query'?: InstanceQuery
  'instance-response'?: InstanceResponse
  'last-binding-operation-response'?: LastBindingOperationResponse
  'last-operation-query'?: LastOperationQuery
  'last-operation-response'?: LastOperationResponse
  'maintenance-info'?: MaintenanceInfo
  offering?: Offering
  'plan-schemas'?: PlanSchemas
  plan?: Plan
  'provision-request'?: ProvisionRequest
  'provision-response'?: ProvisionResponse
  'update-request'?: UpdateRequest
  'simulator/fault'?: SimulatorFault
  'simulator/settings'?: SimulatorSettings
}
/**
 * Body of POST /api/findings/:id/acknowledge.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "acknowledge-finding".
 */
export interface AcknowledgeFinding {
  /**
   * Kept with the finding and in the audit log.
   */
  reason: string
}
/**
 * Who did what to which object with which outcome. Also one line of an export as JSON Lines; a CSV has the same columns. Holds no secrets and no parameters.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "audit-event".
 */
export interface AuditEventView {
  /**
   * Its place in the chain; null while it waits to be linked.
   */
  position: number | null
  id: string
  /**
   * In UTC, with six digits of a second.
   */
  at: string
  /**
   * `platform:` and its id, `kontor`, or a person or machine as it signed in.
   */
  actor: string
  action: string
  /**
   * instance, binding, operation, orphan, provider, platform, organisation, finding, key, audit, route, ...
   */
  objectKind: string
  /**
   * Of an instance or a binding: the platform's id.
   */
  objectId: string
  outcome: string
  /**
   * For whom it was ordered.
   */
  organisationId: string | null
  platformId: string | null
  providerId: string | null
  /**
   * The platform's id of the instance that it is about.
   */
  instanceId: string | null
  details: {
    [k: string]: string | number | boolean
  } | null
  uid: string | null
  /**
   * Its seal, in hexadecimal digits; null where a release wrote it that did not seal.
   */
  mac: string | null
  linkedAt: string | null
  /**
   * Of this event and, through the hash of the position before, of all before it; in hexadecimal digits.
   */
  hash: string | null
}
/**
 * A page, newest first.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "audit-page".
 */
export interface AuditPage {
  items: AuditEventView[]
  /**
   * The cursor of the next page; null on the last one.
   */
  next: string | null
}
/**
 * Something in a provider's catalog that could not be published as sent.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-finding".
 */
export interface CatalogFinding {
  /**
   * Where in the provider's catalog, as a JSON pointer.
   */
  path: string
  problem: string
  effect: 'offering_withheld' | 'schema_dropped' | 'field_dropped' | 'note'
}
/**
 * A cost centre of an organisation.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "cost-centre".
 */
export interface CostCentre {
  id: string
  name: string
}
export interface CreateCredential1 {
  /**
   * basic: user name and password. bearer: tokens of an issuer about a subject. mtls: client certificates of a name.
   */
  kind: 'basic' | 'bearer' | 'mtls'
  /**
   * Only of bearer: who issues the tokens (`iss`), exactly as they say it.
   */
  issuer?: string
  /**
   * Only of bearer: whom they are about (`sub`).
   */
  subject?: string
  /**
   * Only of mtls: a name in the client certificate, as dns:NAME (or NAME alone), uri:NAME, cn:NAME or sha256:FINGERPRINT.
   */
  certificateName?: string
}
/**
 * Body of POST /api/organisations.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-organisation".
 */
export interface CreateOrganisation {
  /**
   * Short unique name: tokens, annotations and rules mean it, so it can never change and is never given again.
   */
  name: string
  /**
   * Name for people.
   */
  displayName: string
  level: OrganisationLevel
  /**
   * Name or id of the organisation above it; none: it stands at the top.
   */
  parent?: string | null
  /**
   * Address of invoices: coarse part, perhaps a fine part, check digits. Lower case letters are taken for upper case ones.
   */
  leitwegId?: string | null
  /**
   * What invoices are split by. Each id once.
   *
   * @maxItems 200
   */
  costCentres?: CostCentre[]
}
/**
 * Body of POST /api/platforms.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-platform".
 */
export interface CreatePlatform {
  /**
   * Short unique name; it can never change and is never given again.
   */
  name: string
  /**
   * Name for people.
   */
  displayName?: string
  kind?: PlatformKind
  /**
   * Name or id of the organisation that it belongs to; its orders are for that one unless a mapping or an annotation says otherwise.
   */
  organisation?: string | null
}
/**
 * Body of POST /api/providers.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-provider".
 */
export interface CreateProvider {
  /**
   * Short unique name. All published ids and names are derived from it, so it can never change.
   */
  name: string
  /**
   * Name for people.
   */
  displayName?: string
  /**
   * Kind of back end.
   */
  backend: 'osb'
  settings: OsbSettings
  /**
   * As the back end wants them. What is wrong is told by the name of the field.
   */
  credentials:
    | OsbCredentials
    | {
        [k: string]: unknown
      }
  /**
   * How many calls one Kontor process may have open to this provider at a time. Calls that nobody waits for leave a fifth of them to orders that somebody waits for.
   */
  concurrency?: number
  /**
   * How often its catalog is read.
   */
  refreshSeconds?: number
  /**
   * How often what we hold is compared with what it tells; 0: only on request.
   */
  reconcileSeconds?: number
  /**
   * Whether Kontor keeps the credentials of bindings, sealed, so that it can give them again. false: the platform gets them and they are kept nowhere; what is asked for again is asked of the provider.
   */
  storeBindingCredentials?: boolean
  /**
   * What becomes of what an order that failed may have left at this provider. automatic: Kontor removes it. retain: it does so after mitigationRetainHours. manual: a person does. Never after an update.
   */
  mitigation?: 'automatic' | 'retain' | 'manual'
  /**
   * Needed with mitigation retain, and only then.
   */
  mitigationRetainHours?: number
}
/**
 * Settings of a back end that is itself an Open Service Broker.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "osb-settings".
 */
export interface OsbSettings {
  /**
   * Base URL of the broker, without /v2; a path prefix is kept. No user name or password in it.
   */
  url: string
  /**
   * What is sent as X-Broker-API-Version.
   */
  apiVersion?: string
  /**
   * PEM of the certification authorities to trust for this provider instead of the system's.
   */
  tlsCa?: string
  /**
   * Deadline of one call, from its start to the last byte of the answer. A call that has none by then is given up, and nobody knows what came of it.
   */
  timeoutSeconds?: number
  /**
   * Deadline of one catalog read, likewise.
   */
  catalogTimeoutSeconds?: number
  /**
   * A longer answer counts as malformed.
   */
  maxResponseBytes?: number
  /**
   * A longer catalog counts as malformed.
   */
  maxCatalogBytes?: number
  /**
   * Whether the platform's originating identity is sent on.
   */
  originatingIdentity?: 'forward' | 'drop'
  /**
   * Where the broker lists what it holds (GET <url><inventoryPath>?page=..., an extension of Kontor's: see docs/backends.md); absent: it has no such listing.
   */
  inventoryPath?: string
}
export interface OsbBasicCredentials {
  username: string
  password: string
  clientCertificate?: ClientCertificate
}
/**
 * What Kontor shows a provider that asks for a client certificate (mutual TLS).
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "client-certificate".
 */
export interface ClientCertificate {
  /**
   * PEM: the client's own certificate first, then those of the authorities between.
   */
  certificate: string
  /**
   * PEM of its private key.
   */
  key: string
  /**
   * Opens the key, if it is encrypted.
   */
  passphrase?: string
}
export interface OsbBearerCredentials {
  token: string
  clientCertificate?: ClientCertificate
}
export interface OsbNoCredentials {
  none: true
}
export interface OsbOAuth2Credentials {
  /**
   * The token endpoint. The provider's tlsCa and client certificate count for it too.
   */
  tokenUrl: string
  clientId: string
  clientSecret: string
  /**
   * How the client signs in at the token endpoint: in the Authorization header or in the body.
   */
  clientAuthentication?: 'client_secret_basic' | 'client_secret_post'
  /**
   * Scopes, separated by single spaces.
   */
  scope?: string
  /**
   * For whom the token is to be, where the authorization server asks for `audience`.
   */
  audience?: string
  /**
   * The same as RFC 8707 has it: an absolute URI.
   */
  resource?: string
  clientCertificate?: ClientCertificate
}
export interface OsbCertificateCredentials {
  clientCertificate: ClientCertificate
}
/**
 * Body of POST /api/visibility-rules. A plan that an allow rule names is only for those whom such a rule names; a deny rule takes it from those whom it names, whatever allows it.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-visibility-rule".
 */
export interface CreateVisibilityRule {
  effect: 'allow' | 'deny'
  who: VisibilityWho
  what: VisibilityWhat
  /**
   * A sentence for those who are refused for it.
   */
  reason: string
  /**
   * true: to those who are refused for it the plan looks like one that does not exist.
   */
  conceal?: boolean
  /**
   * For operators and the audit.
   */
  comment?: string | null
}
/**
 * Whom a rule names. Platform, organisation and level: all that are given must hold.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "visibility-who".
 */
export interface VisibilityWho {
  everybody?: true
  /**
   * Id or name.
   */
  platform?: string
  /**
   * Id or name; with its subtree.
   */
  organisation?: string
  /**
   * That of the organisation for which it is ordered.
   */
  level?: 'bund' | 'land' | 'kommune'
}
/**
 * Which plans a rule names. All that is given must hold.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "visibility-what".
 */
export interface VisibilityWhat {
  everything?: true
  /**
   * Id or name.
   */
  provider?: string
  /**
   * Published id or name.
   */
  offering?: string
  /**
   * Published id, or a name that is unambiguous in the offering or, without one, in the catalog.
   */
  plan?: string
  label?: VisibilityLabel
}
/**
 * A value that the catalog has for a plan: one of the offering's tags (`tag`), or what stands in the metadata of plan or offering at a path of at most eight steps.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "visibility-label".
 */
export interface VisibilityLabel {
  name: string
  /**
   * Compared as text; of a list, any value.
   */
  value: string
}
/**
 * The credentials of a platform, oldest first.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "credential-list".
 */
export interface CredentialList {
  items: CredentialView[]
}
/**
 * One of the ways in which a platform may sign in; never its secret.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "credential".
 */
export interface CredentialView {
  id: string
  /**
   * basic: user name and password. bearer: tokens of an issuer about a subject. mtls: client certificates of a name.
   */
  kind: 'basic' | 'bearer' | 'mtls'
  /**
   * Only of basic.
   */
  username?: string
  /**
   * Only of bearer.
   */
  issuer?: string
  /**
   * Only of bearer.
   */
  subject?: string
  /**
   * Only of mtls: with its kind; DNS names and fingerprints in lower case, the latter without colons.
   */
  certificateName?: string
  createdAt: string
  /**
   * When a platform signed in with it last, up to a minute late; null: never.
   */
  lastUsedAt: string | null
}
/**
 * Of what differs, what may be shown; ids are the provider's.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "finding-facts".
 */
export interface FindingFacts {
  serviceId?: string
  planId?: string
  instanceId?: string
  maintenanceVersion?: string
  expiresAt?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "finding-list".
 */
export interface FindingList {
  items: FindingView[]
  /**
   * Send it as ?cursor= for the next page; null on the last page.
   */
  next: string | null
}
/**
 * Where we and a provider do not agree. It holds no values of parameters and no credentials, only the names of what differs.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "finding".
 */
export interface FindingView {
  id: string
  providerId: string
  /**
   * missing: we hold it, the provider has none. different: both have it, and not the same. unknown: the provider lists it, we do not hold it.
   */
  kind: 'missing' | 'unknown' | 'different'
  object: 'instance' | 'binding'
  /**
   * Its id at the provider.
   */
  upstreamId: string
  /**
   * The id of its instance at the provider.
   */
  upstreamInstanceId: string
  /**
   * Whose it is, or was; null: never one of ours.
   */
  platformId: string | null
  /**
   * The platform's id.
   */
  instanceId: string | null
  /**
   * The platform's id.
   */
  bindingId: string | null
  details: {
    text: string
    /**
     * What differs, by name.
     */
    fields?: string[]
    ours?: FindingFacts
    theirs?: FindingFacts
    /**
     * When we deleted it.
     */
    deletedAt?: string
    /**
     * How many bindings the unknown instance has.
     */
    bindings?: number
  }
  firstSeenAt: string
  lastSeenAt: string
  /**
   * When a run saw that it is no longer so.
   */
  resolvedAt: string | null
  /**
   * An operator knows of it; once it changes it is open again.
   */
  acknowledgedAt: string | null
  acknowledgedReason: string | null
}
/**
 * A credential that has just been issued.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "issued-credential".
 */
export interface IssuedCredential {
  id: string
  /**
   * basic: user name and password. bearer: tokens of an issuer about a subject. mtls: client certificates of a name.
   */
  kind: 'basic' | 'bearer' | 'mtls'
  /**
   * Only of basic.
   */
  username?: string
  /**
   * Only of bearer.
   */
  issuer?: string
  /**
   * Only of bearer.
   */
  subject?: string
  /**
   * Only of mtls: with its kind; DNS names and fingerprints in lower case, the latter without colons.
   */
  certificateName?: string
  createdAt: string
  /**
   * When a platform signed in with it last, up to a minute late; null: never.
   */
  lastUsedAt: string | null
  /**
   * Only of basic, and only here: it is not kept and never shown again.
   */
  password?: string
}
/**
 * A page, newest first.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "mapping-page".
 */
export interface MappingPage {
  items: MappingView[]
  /**
   * The cursor of the next page; null on the last one.
   */
  next: string | null
}
/**
 * Orders of a platform from this place are for that organisation.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "mapping".
 */
export interface MappingView {
  /**
   * cf_organization: the organization_guid of an order. k8s_namespace: the namespace in its context.
   */
  kind: 'cf_organization' | 'k8s_namespace'
  /**
   * The platform's own id of the place.
   */
  externalId: string
  organisation: Named
  createdAt: string
}
/**
 * Something with the name that it is known by.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "named".
 */
export interface Named {
  id: string
  name: string
}
/**
 * A page, newest first.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "operation-page".
 */
export interface OperationPage {
  items: OperationView[]
  /**
   * The cursor of the next page; null on the last one.
   */
  next: string | null
}
/**
 * An operation as an operator sees it. Nothing of it is secret: no parameters, no credentials.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "operation".
 */
export interface OperationView {
  /**
   * Also the `operation` that the platform was told.
   */
  id: string
  kind: OperationKindName
  state: OperationStateName
  /**
   * It is at work and has not moved on for long: its next step or its claim is over for a minute, it was tried ten times or broke off three times, or its time is over.
   */
  stuck: boolean
  platform: Named
  provider: Named
  /**
   * The platform's id of the instance.
   */
  instanceId: string
  /**
   * The platform's id of the binding; null for an operation of the instance itself.
   */
  bindingId: string | null
  upstream: UpstreamIds
  /**
   * How often it was claimed.
   */
  fencingToken: number
  /**
   * How often the present state has been tried without getting on.
   */
  retries: number
  /**
   * How often a step broke off by an error of Kontor's since the last good one.
   */
  internalErrors: number
  /**
   * Whether the platform can wait. One that cannot was told an error at once.
   */
  acceptsIncomplete: boolean
  /**
   * What the platform is told.
   */
  description: string | null
  /**
   * Why it failed, as a code.
   */
  refusal: string | null
  /**
   * X-Broker-API-Request-Identity of the order.
   */
  requestIdentity: string | null
  createdAt: string
  updatedAt: string
  nextStepAt: string | null
  /**
   * While this is in the future a process is at work on it.
   */
  leaseUntil: string | null
  /**
   * Until then a call that got no answer may still arrive at the provider.
   */
  inDoubtUntil: string | null
  deadlineAt: string
  finishedAt: string | null
  /**
   * What it may have left at the provider; told of a single operation only, at most 100.
   */
  orphans?: OrphanView[]
}
/**
 * The provider's own ids: under these it can be looked up there.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "upstream".
 */
export interface UpstreamIds {
  instanceId: string
  serviceId: string
  planId: string
  bindingId: string | null
}
/**
 * What an order may have left at a provider although nobody has it any more.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "orphan".
 */
export interface OrphanView {
  id: string
  state: OrphanStateName
  cause: OrphanCauseName
  platform: Named
  provider: Named
  /**
   * The order that may have left it; nothing is removed while that one is at work.
   */
  operationId: string
  /**
   * The platform's id of the instance.
   */
  instanceId: string
  /**
   * The platform's id of the binding; null for an instance.
   */
  bindingId: string | null
  upstream: UpstreamIds
  /**
   * How often its removal was tried in vain.
   */
  retries: number
  /**
   * What the provider said last.
   */
  answer: string | null
  createdAt: string
  updatedAt: string
  /**
   * When it is removed, or tried again; null in an open one: when a person says so.
   */
  nextRetryAt: string | null
  /**
   * While this is in the future a process is removing it.
   */
  leaseUntil: string | null
  /**
   * "It is gone" is not the last word before this.
   */
  inDoubtUntil: string | null
  endedAt: string | null
}
/**
 * Body of what an operator does to an operation, an orphan, an organisation or a platform.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "operator-reason".
 */
export interface OperatorReason {
  /**
   * Why, for the audit.
   */
  reason: string
}
/**
 * A page, newest first.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "organisation-page".
 */
export interface OrganisationPage {
  items: OrganisationView[]
  /**
   * The cursor of the next page; null on the last one.
   */
  next: string | null
}
/**
 * One of those who order, in the tree of all of them.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "organisation".
 */
export interface OrganisationView {
  id: string
  name: string
  displayName: string
  level: OrganisationLevel
  /**
   * The one above it; null at the top, and for who may not see that one.
   */
  parent: Named | null
  leitwegId: string | null
  costCentres: CostCentre[]
  state: TenantState
  createdAt: string
  updatedAt: string
}
/**
 * A page, newest first.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "orphan-page".
 */
export interface OrphanPage {
  items: OrphanView[]
  /**
   * The cursor of the next page; null on the last one.
   */
  next: string | null
}
/**
 * A page, newest first.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "platform-page".
 */
export interface PlatformPage {
  items: PlatformView[]
  /**
   * The cursor of the next page; null on the last one.
   */
  next: string | null
}
/**
 * A platform that may order. Its credentials are listed on their own.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "platform".
 */
export interface PlatformView {
  id: string
  name: string
  displayName: string
  kind: PlatformKind
  /**
   * null while nobody has said.
   */
  organisation: Named | null
  state: TenantState
  createdAt: string
  updatedAt: string
}
/**
 * What a platform's catalog holds, what may be ordered there, and by which rules.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "platform-visibility".
 */
export interface PlatformVisibility {
  platform: Named
  /**
   * For whom it would be ordered; null: for nobody.
   */
  organisation: Named | null
  items: {
    offering: Named
    plan: Named
    /**
     * Whether somebody who orders through this platform may order it.
     */
    inCatalog: boolean
    /**
     * Whether this organisation may.
     */
    mayOrder: boolean
    /**
     * open, closed: no rule names it, so KONTOR_VISIBILITY holds. not_allowed: it is opened to others only.
     */
    because: 'open' | 'closed' | 'denied' | 'allowed' | 'not_allowed'
    /**
     * Ids of the rules that decided it.
     */
    rules: string[]
  }[]
}
/**
 * RFC 9457 problem details: body of every 4xx and 5xx below /api.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "problem".
 */
export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  instance?: string
  [k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "provider-list".
 */
export interface ProviderList {
  items: ProviderView[]
}
/**
 * A registered provider. Credentials are never shown.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "provider".
 */
export interface ProviderView {
  id: string
  name: string
  displayName: string
  backend: string
  settings: {
    [k: string]: unknown
  }
  concurrency: number
  refreshSeconds: number
  reconcileSeconds: number
  /**
   * false: credentials of bindings are given to the platform and kept nowhere.
   */
  storeBindingCredentials: boolean
  mitigation: 'automatic' | 'retain' | 'manual'
  /**
   * Only with mitigation retain.
   */
  mitigationRetainHours?: number
  /**
   * A draining provider is hidden from the catalog and still serves what was ordered; once that is gone, DELETE takes it out.
   */
  state: 'active' | 'draining'
  /**
   * Whether the provider is called at present. Each process judges by its own calls; what is told is the worst of them.
   */
  circuit: {
    /**
     * open: it failed again and again, so that nothing is sent for a while; orders that can wait are queued, others get 503. half_open: the next call decides. closed: it is called.
     */
    state: 'closed' | 'open' | 'half_open'
    /**
     * When it opened or closed last; null if that is not known.
     */
    since: string | null
    /**
     * When the next call is tried; only while it is not closed.
     */
    until?: string
    /**
     * Why it is not closed.
     */
    reason?: string
  }
  createdAt: string
  catalog: {
    /**
     * How many are published.
     */
    offerings: number
    plans: number
    /**
     * When it was last read without a failure.
     */
    checkedAt?: string | null
    changedAt?: string | null
    /**
     * The last read failed: what is published is the last good copy.
     */
    stale: boolean
    /**
     * Why the last read failed.
     */
    error?: string | null
    findings: CatalogFinding[]
  }
}
/**
 * A page, newest first.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "quota-page".
 */
export interface QuotaPage {
  items: QuotaView[]
  /**
   * The cursor of the next page; null on the last one.
   */
  next: string | null
}
/**
 * How many instances there may be, and how many there are.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "quota".
 */
export interface QuotaView {
  id: string
  /**
   * null: of all together.
   */
  organisation: Named | null
  provider: Named | null
  offering: Named | null
  plan: Named | null
  instances: number
  /**
   * Instances that are there, are being made, or are being changed to the plan; those that failed do not count.
   */
  taken: number
  comment: string | null
  createdAt: string
  updatedAt: string
}
/**
 * One run of a provider's reconciliation: what we hold against what the provider tells.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "reconciliation".
 */
export interface ReconciliationView {
  id: string
  providerId: string
  cause: 'schedule' | 'request'
  /**
   * A failed run has changed no finding.
   */
  state: 'waiting' | 'running' | 'succeeded' | 'failed'
  requestedAt: string
  startedAt: string | null
  finishedAt: string | null
  /**
   * true: the provider listed what it holds. false: it was asked for each thing; what we do not know cannot be found so.
   */
  byListing: boolean | null
  instancesChecked: number
  bindingsChecked: number
  /**
   * Not judged: the provider does not tell or is busy with it, or an order began or ended meanwhile.
   */
  skipped: number
  /**
   * Not judged: the provider gave no usable answer.
   */
  unclear: number
  /**
   * Findings beyond the 10,000 of each kind that are kept open.
   */
  leftOut: number
  /**
   * Why it failed.
   */
  error: string | null
}
/**
 * Body of PUT /api/platforms/:id/mappings/:kind/:externalId.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "set-mapping".
 */
export interface SetMapping {
  /**
   * Name or id of an organisation.
   */
  organisation: string
}
/**
 * Body of PUT /api/quotas: how many instances there may be of what is named. All that is given must hold. There is one quota for the same at most, so a second setting changes it.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "set-quota".
 */
export interface SetQuota {
  /**
   * Id or name; with its subtree. Absent: of all together.
   */
  organisation?: string
  /**
   * Id or name.
   */
  provider?: string
  /**
   * Published id or name.
   */
  offering?: string
  /**
   * Published id, or a name that is unambiguous in the offering or, without one, in the catalog.
   */
  plan?: string
  /**
   * How many there may be. Fewer than there are: none is taken away, and no more are taken.
   */
  instances: number
  /**
   * For operators and the audit.
   */
  comment?: string | null
}
/**
 * Body of POST /api/operations/:id/settle.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "settle-operation".
 */
export interface SettleOperation {
  /**
   * What a person has found at the provider. succeeded: what was ordered is there, or the deleted is gone. failed: nothing of a provision or bind is left there, an update was not made, or the deleted is still there.
   */
  outcome: 'succeeded' | 'failed'
  /**
   * Why, for the audit.
   */
  reason: string
}
/**
 * Body of PATCH /api/organisations/:id. What is absent stays as it is; cost centres are replaced whole.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "update-organisation".
 */
export interface UpdateOrganisation {
  /**
   * Name for people.
   */
  displayName?: string
  level?: OrganisationLevel
  /**
   * Name or id of the organisation above it; null: it stands at the top. All that is below it comes along.
   */
  parent?: string | null
  /**
   * null: none.
   */
  leitwegId?: string | null
  /**
   * What invoices are split by. Each id once.
   *
   * @maxItems 200
   */
  costCentres?: CostCentre[]
}
/**
 * Body of PATCH /api/platforms/:id. What is absent stays as it is. What was ordered stays with the organisation it was ordered for.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "update-platform".
 */
export interface UpdatePlatform {
  /**
   * Name for people.
   */
  displayName?: string
  kind?: PlatformKind
  /**
   * Name or id; null: none.
   */
  organisation?: string | null
}
/**
 * Body of PATCH /api/providers/:id. What is absent stays as it is; settings and credentials are replaced whole. Another origin in settings.url, or another settings.tlsCa, needs credentials in the same body: kept ones are sent to nobody for whom they were not given. The role provider may send displayName, settings, credentials, refreshSeconds and reconcileSeconds.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "update-provider".
 */
export interface UpdateProvider {
  displayName?: string
  settings?: OsbSettings
  credentials?:
    | OsbCredentials
    | {
        [k: string]: unknown
      }
  concurrency?: number
  refreshSeconds?: number
  reconcileSeconds?: number
  /**
   * false also drops those that are kept; the answer comes when they are gone.
   */
  storeBindingCredentials?: boolean
  /**
   * A change away from retain forgets its hours.
   */
  mitigation?: 'automatic' | 'retain' | 'manual'
  mitigationRetainHours?: number
}
/**
 * Body of PATCH /api/visibility-rules/:id. What is absent stays as it is; `who` and `what` are replaced whole.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "update-visibility-rule".
 */
export interface UpdateVisibilityRule {
  effect?: 'allow' | 'deny'
  who?: VisibilityWho
  what?: VisibilityWhat
  reason?: string
  conceal?: boolean
  comment?: string | null
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "visibility-rule-list".
 */
export interface VisibilityRuleList {
  items: VisibilityRuleView[]
}
/**
 * A rule of what platforms see and may order.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "visibility-rule".
 */
export interface VisibilityRuleView {
  id: string
  effect: 'allow' | 'deny'
  who: {
    everybody?: true
    platform?: Named
    organisation?: Named
    level?: 'bund' | 'land' | 'kommune'
  }
  what: {
    everything?: true
    provider?: Named
    offering?: Named
    plan?: Named
    label?: VisibilityLabel
  }
  reason: string
  conceal: boolean
  comment: string | null
  createdAt: string
  updatedAt: string
}
/**
 * Body of 200 to GET <url><inventoryPath>?page=...: one page of what a provider's broker holds for Kontor. An extension of Kontor's to the Open Service Broker API.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "osb-inventory".
 */
export interface OsbInventory {
  /**
   * @maxItems 20000
   */
  instances: {
    instance_id: string
    service_id?: string
    plan_id?: string
    /**
     * Ids of all its bindings; absent: not told.
     *
     * @maxItems 20000
     */
    bindings?: string[]
    [k: string]: unknown
  }[]
  /**
   * Given back as ?page= for the page after this one; absent, null or empty: this is the last.
   */
  next?: string | null
  [k: string]: unknown
}
/**
 * The environment variables that Kontor reads.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "config".
 */
export interface ConfigVariables {
  /**
   * postgres:// URL of the database. Needed by `kontor serve`; without it `npm start` brings its own Postgres.
   */
  DATABASE_URL?: string
  /**
   * Address to listen on.
   */
  HOST?: string
  /**
   * Port to listen on; 0 takes a free one.
   */
  PORT?: number
  /**
   * Folder of the demo: its database, keys and credentials.
   */
  KONTOR_DATA?: string
  /**
   * Bearer token with the role operator, for the first start. `kontor serve` needs it as long as KONTOR_OIDC_FILE maps no claim to the role operator.
   */
  KONTOR_ADMIN_TOKEN?: string
  /**
   * YAML or JSON file with the trusted OIDC issuers and the meaning of the claims in their tokens. Kontor reads it at the start.
   */
  KONTOR_OIDC_FILE?: string
  /**
   * PEM file with the server certificate and its chain; needs KONTOR_TLS_KEY. Kontor reloads a changed file within seconds.
   */
  KONTOR_TLS_CERT?: string
  /**
   * PEM file with the private key of KONTOR_TLS_CERT.
   */
  KONTOR_TLS_KEY?: string
  /**
   * PEM file with the authorities whose client certificates sign platforms in; needs KONTOR_TLS_CERT. Without it Kontor asks for no client certificate.
   */
  KONTOR_TLS_CLIENT_CA?: string
  /**
   * Access token that the commands send instead of KONTOR_ADMIN_TOKEN.
   */
  KONTOR_TOKEN?: string
  /**
   * Address of the Kontor that `kontor operation`, `orphan`, `organisation`, `platform` and `audit export` call, with KONTOR_TOKEN or KONTOR_ADMIN_TOKEN.
   */
  KONTOR_URL?: string
  /**
   * Key ring that seals secrets: id:key[,id:key...], each key 32 bytes in base64. The first key seals, every key opens. `kontor serve` needs it or KONTOR_KEYS_FILE.
   */
  KONTOR_KEYS?: string
  /**
   * File with the key ring instead, one id:key a line; lines that begin with # are comments. A running process reloads a changed file. No other user may be able to read the file.
   */
  KONTOR_KEYS_FILE?: string
  /**
   * Networks, besides the public ones, in which Kontor may call providers and their token endpoints, and the only ones in which it may call them without TLS: CIDR ranges and addresses, separated by commas (10.20.0.0/16,fd00:1::/32,192.168.1.7).
   */
  KONTOR_PROVIDER_NETWORKS?: string
  /**
   * Lowest level that is logged.
   */
  LOG_LEVEL?: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  /**
   * Maximum number of connections in the pool of one process.
   */
  KONTOR_DATABASE_CONNECTIONS?: number
  /**
   * Lowest X-Broker-API-Version that Kontor serves.
   */
  KONTOR_MIN_API_VERSION?: string
  /**
   * Whether a plan that no visibility rule names is visible to all platforms (open) or to none (closed).
   */
  KONTOR_VISIBILITY?: 'open' | 'closed'
  /**
   * How long an order with accepts_incomplete=true waits for the provider's first answer before Kontor answers 202.
   */
  KONTOR_INLINE_SECONDS?: number
  /**
   * How long a claim on an operation lasts without renewal; after that another process takes the operation over.
   */
  KONTOR_LEASE_SECONDS?: number
  /**
   * Shortest time between two polls of an operation whose provider sends no Retry-After.
   */
  KONTOR_POLL_SECONDS?: number
  /**
   * Longest time between two polls of an operation whose provider sends no Retry-After; Kontor adds up to a tenth, so that it does not poll all operations at once.
   */
  KONTOR_MAX_POLL_SECONDS?: number
  /**
   * How long a call without an answer may still be running at a provider. Kontor removes what the call may create at once, and once more after this time.
   */
  KONTOR_IN_DOUBT_SECONDS?: number
  /**
   * Longest time an operation may run at a provider, if its plan does not set a shorter one.
   */
  KONTOR_MAX_POLLING_SECONDS?: number
  /**
   * How many times Kontor tries to remove what a failed order may have left before it parks the operation: a person must look.
   */
  KONTOR_RETRIES_BEFORE_PARKING?: number
  /**
   * Largest request body, in bytes.
   */
  KONTOR_MAX_BODY_BYTES?: number
  /**
   * Maximum number of open connections of one process; Kontor closes a further one without an answer.
   */
  KONTOR_MAX_CONNECTIONS?: number
  /**
   * How long a request may take to arrive, its headers half of that; and how long a client may read nothing of an answer.
   */
  KONTOR_REQUEST_SECONDS?: number
  /**
   * Addresses and networks, separated by commas, whose X-Forwarded-For Kontor trusts; also loopback, linklocal and uniquelocal.
   */
  KONTOR_TRUSTED_PROXIES?: string
  /**
   * How long browsers must use TLS only (Strict-Transport-Security); 0: Kontor does not send the header.
   */
  KONTOR_HSTS_SECONDS?: number
  /**
   * Rate limit: how many orders a second one platform may send on average, and how many changes one person at the management API; 0: no limit.
   */
  KONTOR_ORDER_RATE?: number
  /**
   * Rate limit: how many other requests a second; four times as many polls, and four times as many deletes; a twentieth of it for addresses without a sign-in; 0: no limit.
   */
  KONTOR_REQUEST_RATE?: number
  /**
   * How many seconds' worth of these rates may come at once.
   */
  KONTOR_RATE_BURST_SECONDS?: number
  /**
   * After how many failed sign-ins a minute from one address, or for one user name, further ones get 429, or 401 and Retry-After if they are tokens; valid credentials always sign in; 0: no limit.
   */
  KONTOR_FAILED_SIGN_INS_PER_MINUTE?: number
  /**
   * Kontor takes no new orders while the event loop of the process is late by more than that; 0: no check.
   */
  KONTOR_MAX_LOOP_DELAY_SECONDS?: number
  /**
   * Kontor takes no new orders while a query waits longer than that for a connection to the database; 0: no check.
   */
  KONTOR_MAX_DATABASE_WAIT_SECONDS?: number
  /**
   * Kontor takes no new orders while it uses more than that share of the heap, or while heap and buffers use more than that share of the container's memory; 0: no check.
   */
  KONTOR_MAX_MEMORY_PERCENT?: number
  /**
   * How long a process that stops waits for calls that are under way.
   */
  KONTOR_DRAIN_SECONDS?: number
  /**
   * Key of the annotation of a Cloud Foundry organisation or a Kubernetes namespace that names the organisation it orders for.
   */
  KONTOR_ORGANISATION_ANNOTATION?: string
  [k: string]: unknown
}
/**
 * Whose tokens Kontor trusts, and what their claims mean here. Read once, at the start.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "oidc".
 */
export interface OidcFile {
  /**
   * @minItems 1
   */
  issuers: [OidcIssuer, ...OidcIssuer[]]
}
export interface OidcIssuer {
  /**
   * As it stands in `iss`, character by character. https; http only on this machine.
   */
  issuer: string
  /**
   * Its name in the audit; by default the host of its address.
   */
  alias?: string
  /**
   * What `aud` must hold: the name of this Kontor at the issuer, one of them if there are several.
   */
  audience: string | [string, ...string[]]
  /**
   * Where its keys are; by default as its discovery document says.
   */
  jwksUri?: string
  /**
   * Signatures that count.
   *
   * @minItems 1
   */
  algorithms?: [
    'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519',
    ...('RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519')[]
  ]
  /**
   * `at+jwt`: only tokens that say so in their header (RFC 9068) are taken for access tokens: the safe value, where the issuer can do so.
   */
  typ?: 'at+jwt' | 'any'
  /**
   * How far its clock may be from ours.
   */
  clockToleranceSeconds?: number
  /**
   * PEM file with the authorities that vouch for its address, instead of the usual ones.
   */
  caFile?: string
  /**
   * The claim that tells platforms; it is compared with the subject of their credentials.
   */
  platformClaim?: string
  /**
   * The claim with the roles: its name, or a path such as `realm_access.roles`; an array, or text with spaces between.
   */
  rolesClaim?: string
  /**
   * What the values of rolesClaim mean here.
   */
  roles?: {
    [k: string]: 'operator' | 'provider' | 'agency' | 'auditor'
  }
  /**
   * The claim with the names of the organisations that an `agency` sees, each with all below it.
   */
  organisationsClaim?: string
  /**
   * The claim with the names of the providers that a `provider` sees.
   */
  providersClaim?: string
  /**
   * For a role named here, `acr` must be one of these values; else the role is not had.
   */
  acr?: {
    /**
     * @minItems 1
     */
    [k: string]: [string, ...string[]]
  }
}
/**
 * Query of PUT and PATCH.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "accepts-incomplete-query".
 */
export interface AcceptsIncompleteQuery {
  accepts_incomplete?: 'true' | 'false'
  [k: string]: unknown
}
/**
 * Body of PUT .../service_bindings/:binding_id. With predecessor_binding_id it is a rotation, and service_id and plan_id may be absent.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "bind-request".
 */
export interface BindRequest {
  /**
   * Id of the instance's service offering.
   */
  service_id?: string
  /**
   * Id of the instance's plan.
   */
  plan_id?: string
  context?: Context
  /**
   * Deprecated in favour of bind_resource.app_guid.
   */
  app_guid?: string
  /**
   * What the credentials are for. Fields that are not named here are passed on.
   */
  bind_resource?: {
    /**
     * The application, or a wider scope of the platform.
     */
    app_guid?: string
    /**
     * The address of a route, for a route service.
     */
    route?: string
    /**
     * Cloud Foundry: the space of the application.
     */
    space_guid?: string
    /**
     * Cloud Foundry: the annotations of the application.
     */
    app_annotations?: {
      [k: string]: unknown
    }
    /**
     * Cloud Foundry: the client that the credentials are for, with a service key.
     */
    credential_client_id?: string
    [k: string]: unknown
  }
  /**
   * Configuration of the binding; checked by the plan's schema for bindings.
   */
  parameters?: {
    [k: string]: unknown
  }
  /**
   * The binding that the new one is to replace.
   */
  predecessor_binding_id?: string
  [k: string]: unknown
}
/**
 * What the platform tells of the place an order comes from. Opaque: kept and passed on whole.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "context".
 */
export interface Context {
  platform?: string
  [k: string]: unknown
}
/**
 * Body of 200 and 201 to a bind and of 200 to its fetch. With 202 it holds only `operation`.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "bind-response".
 */
export interface BindResponse {
  operation?: string | null
  metadata?: {
    /**
     * UTC, with a fraction of the second.
     */
    expires_at?: string
    /**
     * Not later than expires_at.
     */
    renew_before?: string
    [k: string]: unknown
  }
  credentials?: {
    [k: string]: unknown
  }
  /**
   * Only where the offering requires syslog_drain.
   */
  syslog_drain_url?: string
  /**
   * Only where the offering requires route_forwarding.
   */
  route_service_url?: string
  /**
   * Only where the offering requires volume_mount.
   */
  volume_mounts?: {
    driver: string
    container_dir: string
    mode: 'r' | 'rw'
    device_type: 'shared'
    device: {
      volume_id: string
      mount_config?: {
        [k: string]: unknown
      } | null
      [k: string]: unknown
    }
    [k: string]: unknown
  }[]
  endpoints?: {
    host: string
    /**
     * @minItems 1
     *
     * Items: A port, or a range of ports.
     */
    ports: [string, ...string[]]
    protocol?: 'tcp' | 'udp' | 'all'
    [k: string]: unknown
  }[]
  parameters?: {
    [k: string]: unknown
  }
  [k: string]: unknown
}
/**
 * Body of 200 to GET /v2/catalog.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog".
 */
export interface Catalog {
  services: Offering[]
  [k: string]: unknown
}
/**
 * One service offering of a catalog, as a provider sends it and as Kontor publishes it.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "offering".
 */
export interface Offering {
  id: string
  name: string
  description: string
  tags?: string[]
  requires?: ('syslog_drain' | 'route_forwarding' | 'volume_mount')[]
  bindable: boolean
  instances_retrievable?: boolean
  bindings_retrievable?: boolean
  allow_context_updates?: boolean
  metadata?: {
    [k: string]: unknown
  }
  /**
   * A secret between the provider's broker and one platform: read, never published.
   */
  dashboard_client?: {
    [k: string]: unknown
  } | null
  plan_updateable?: boolean
  /**
   * @minItems 1
   */
  plans: [Plan, ...Plan[]]
  [k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "plan".
 */
export interface Plan {
  id: string
  name: string
  description: string
  metadata?: {
    [k: string]: unknown
  }
  free?: boolean
  bindable?: boolean
  binding_rotatable?: boolean
  plan_updateable?: boolean
  schemas?: PlanSchemas
  /**
   * Seconds.
   */
  maximum_polling_duration?: number
  maintenance_info?: MaintenanceInfo
  [k: string]: unknown
}
/**
 * JSON Schemas of the parameters that a plan takes. Each names its draft by $schema, has no reference to anything outside itself, and is at most 64 kB long; one that does not keep to this is not published.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "plan-schemas".
 */
export interface PlanSchemas {
  service_instance?: {
    create?: {
      parameters?: {
        [k: string]: unknown
      }
      [k: string]: unknown
    }
    update?: {
      parameters?: {
        [k: string]: unknown
      }
      [k: string]: unknown
    }
    [k: string]: unknown
  }
  service_binding?: {
    create?: {
      parameters?: {
        [k: string]: unknown
      }
      [k: string]: unknown
    }
    [k: string]: unknown
  }
  [k: string]: unknown
}
/**
 * The maintenance version that the platform expects; only `version` counts.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "maintenance-info".
 */
export interface MaintenanceInfo {
  /**
   * A semantic version 2.0.
   */
  version: string
  description?: string
  [k: string]: unknown
}
/**
 * Query of DELETE: both ids are required by the specification.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "delete-query".
 */
export interface DeleteQuery {
  service_id: string
  plan_id: string
  accepts_incomplete?: 'true' | 'false'
  [k: string]: unknown
}
/**
 * Body of 200 (empty object) and 202 to a deprovision or an unbind.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "delete-response".
 */
export interface DeleteResponse {
  operation?: string | null
  [k: string]: unknown
}
/**
 * Body of every 4xx and 5xx below /v2.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "error".
 */
export interface OsbError {
  /**
   * One word; AsyncRequired, ConcurrencyError, RequiresApp and MaintenanceInfoConflict are the spec's.
   */
  error?: string
  /**
   * A sentence for the user.
   */
  description?: string
  instance_usable?: boolean
  update_repeatable?: boolean
  [k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "instance-metadata".
 */
export interface InstanceMetadata {
  labels?: {
    [k: string]: unknown
  }
  attributes?: {
    [k: string]: unknown
  }
  [k: string]: unknown
}
/**
 * Query of the two fetches: hints, never needed, never empty.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "instance-query".
 */
export interface InstanceQuery {
  service_id?: string
  plan_id?: string
  [k: string]: unknown
}
/**
 * Body of 200 to the fetch of an instance.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "instance-response".
 */
export interface InstanceResponse {
  service_id?: string
  plan_id?: string
  dashboard_url?: string | null
  parameters?: {
    [k: string]: unknown
  }
  maintenance_info?: {
    version?: string
    [k: string]: unknown
  }
  metadata?: InstanceMetadata
  [k: string]: unknown
}
/**
 * Body of 200 to last_operation of a binding: what is told of an instance only is not told of it.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "last-binding-operation-response".
 */
export interface LastBindingOperationResponse {
  state: 'in progress' | 'succeeded' | 'failed'
  /**
   * A sentence for the user.
   */
  description?: string
  [k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "last-operation-query".
 */
export interface LastOperationQuery {
  service_id?: string
  plan_id?: string
  operation?: string
  [k: string]: unknown
}
/**
 * Body of 200 to last_operation.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "last-operation-response".
 */
export interface LastOperationResponse {
  state: 'in progress' | 'succeeded' | 'failed'
  description?: string
  /**
   * Only on a failed update or deprovision.
   */
  instance_usable?: boolean
  /**
   * Only on a failed update.
   */
  update_repeatable?: boolean
  [k: string]: unknown
}
/**
 * Body of PUT /v2/service_instances/:instance_id. Fields that are not named here are accepted and ignored.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "provision-request".
 */
export interface ProvisionRequest {
  /**
   * Id of the service offering, as the catalog publishes it.
   */
  service_id: string
  /**
   * Id of a plan of that offering.
   */
  plan_id: string
  /**
   * Deprecated in favour of context, still required.
   */
  organization_guid: string
  /**
   * Deprecated in favour of context, still required.
   */
  space_guid: string
  context?: Context
  /**
   * Configuration of the instance; the plan's own schema says what it takes.
   */
  parameters?: {
    [k: string]: unknown
  }
  maintenance_info?: MaintenanceInfo
  [k: string]: unknown
}
/**
 * Body of 200, 201 and 202 to a provision, and of 200 and 202 to an update.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "provision-response".
 */
export interface ProvisionResponse {
  dashboard_url?: string | null
  /**
   * Only with 202: what to ask last_operation for.
   */
  operation?: string | null
  metadata?: InstanceMetadata
  [k: string]: unknown
}
/**
 * Body of PATCH /v2/service_instances/:instance_id. What is absent stays as it is.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "update-request".
 */
export interface UpdateRequest {
  /**
   * Id of the instance's service offering.
   */
  service_id: string
  /**
   * Id of the plan to change to; absent: no plan change.
   */
  plan_id?: string
  context?: Context
  /**
   * Absent: parameters stay as they are.
   */
  parameters?: {
    [k: string]: unknown
  }
  maintenance_info?: MaintenanceInfo
  /**
   * What the platform believes to be true now: service_id, plan_id, organization_id, space_id, maintenance_info. Kontor's own record decides, so nothing of it is checked.
   */
  previous_values?: {
    [k: string]: unknown
  }
  [k: string]: unknown
}
/**
 * Body of POST /_simulator/faults: one misbehaviour of the simulated provider.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "simulator/fault".
 */
export interface SimulatorFault {
  /**
   * The endpoint it strikes.
   */
  on:
    | 'catalog'
    | 'inventory'
    | 'provision'
    | 'update'
    | 'deprovision'
    | 'fetch_instance'
    | 'last_operation'
    | 'bind'
    | 'unbind'
    | 'fetch_binding'
    | 'binding_last_operation'
    | 'any'
  /**
   * How often it strikes; 0 is for ever.
   */
  times?: number
  /**
   * How many matching requests it lets pass first.
   */
  after?: number
  /**
   * Only requests about this instance or offering.
   */
  match?: {
    instance_id?: string
    service_id?: string
  }
  /**
   * before: nothing happened. after: it happened and only the answer is spoilt. Default before; after for crash.
   */
  when?: 'before' | 'after'
  /**
   * What goes wrong: exactly one of these; body and headers go with status, and status may also go with malformed.
   */
  do: {
    delayMs?: number
    /**
     * Never answers.
     */
    hang?: true
    status?: number
    /**
     * Any JSON; a string is sent as it is.
     */
    body?: {
      [k: string]: unknown
    }
    headers?: {
      [k: string]: string
    }
    malformed?: 'truncated_json' | 'html' | 'not_json' | 'wrong_types' | 'empty' | 'array'
    hugeBytes?: number
    closeConnection?: true
    /**
     * The true answer, a few bytes at a time.
     */
    drip?: {
      bytes: number
      everyMs: number
    }
    /**
     * 202, and the operation stays in progress for ever.
     */
    never?: true
    /**
     * 202, and the operation ends as failed.
     */
    failOperation?: {
      description: string
      instance_usable?: boolean
      update_repeatable?: boolean
    }
    /**
     * The process dies before it answers.
     */
    crash?: true
    /**
     * Answers success and does nothing.
     */
    forget?: true
  }
}
/**
 * Body of POST /_simulator/settings: what is absent stays as it is.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "simulator/settings".
 */
export interface SimulatorSettings {
  /**
   * false: a repeated PUT makes a second thing.
   */
  duplicateDetection?: boolean
  catalogMode?: 'normal' | 'shrink' | 'empty' | 'change_ids' | 'double_ids' | 'html' | 'invalid'
  /**
   * Names of the offerings that catalogMode shrink leaves out; empty: the first half.
   */
  catalogWithout?: string[]
  /**
   * Most instances on one page of the inventory.
   */
  inventoryPageSize?: number
  /**
   * By service id; * is for every service that has none of its own.
   */
  behaviours?: {
    [k: string]: {
      mode: 'sync' | 'async'
      asyncBinding?: boolean
      provisionSeconds?: number
      updateSeconds?: number
      deprovisionSeconds?: number
      bindSeconds?: number
      unbindSeconds?: number
      steps?: string[]
      bindingExpiresDays?: number
      retryAfterSeconds?: number
      dashboard?: boolean
      requiresApp?: boolean
      refuseDeprovisionWithBindings?: boolean
      goneAfterDelete?: boolean
      haltOnDelete?: boolean
      serializeBindings?: boolean
      operationStyle?: 'plain' | 'odd' | 'none'
    }
  }
}
