// Generated from schemas/ by "npm run gen". Do not edit.

/**
 * What a person may do in an organisation and in all organisations below it.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "person-role".
 */
export type PersonRole =
  | 'viewer'
  | 'orderer'
  | 'approver'
  | 'budget-officer'
  | 'security-officer'
  | 'data-protection-officer'
  | 'administrator'
/**
 * Federation, state or municipality. An organisation has the level of its parent or a lower one.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "organisation-level".
 */
export type OrganisationLevel = 'bund' | 'land' | 'kommune'
/**
 * binding: ordered, not ready yet. ready: it has credentials. failed: its order failed. gone: deleted, or its order left nothing.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "binding-state".
 */
export type BindingState = 'binding' | 'ready' | 'failed' | 'gone'
/**
 * Kind of platform; other if it was not set. The catalog of one of kind cloudfoundry holds only parameter schemas that Cloud Foundry takes.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "platform-kind".
 */
export type PlatformKind = 'cloudfoundry' | 'kubernetes' | 'other'
/**
 * What an operation does.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "operation-kind".
 */
export type OperationKindName = 'provision' | 'update' | 'deprovision' | 'bind' | 'unbind'
/**
 * State of an operation.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "operation-state".
 */
export type OperationStateName =
  'accepted' | 'calling' | 'waiting' | 'uncertain' | 'compensating' | 'parked' | 'succeeded' | 'failed'
/**
 * A day, such as `2027-06-30`.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "listing-date".
 */
export type ListingDate = string
/**
 * An address that people may open: `https:` or `mailto:`.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "listing-link".
 */
export type ListingLink = string
/**
 * Body of POST /api/platforms/:id/credentials. Kontor generates credentials of kind basic.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-credential".
 */
export type CreateCredential = CreateCredential1
/**
 * How Kontor signs in at the provider's broker: with user name and password, a bearer token, access tokens of OAuth 2.0 (client credentials, RFC 6749 section 4.4), a client certificate, or not at all. A client certificate can stand beside each of the first three.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "osb-credentials".
 */
export type OsbCredentials =
  OsbBasicCredentials | OsbBearerCredentials | OsbNoCredentials | OsbOAuth2Credentials | OsbCertificateCredentials
/**
 * provisioning: ordered, not ready yet. ready: it can be used unless `usable` is false. failed: its order failed. gone: deleted, or its order left nothing.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "instance-state".
 */
export type InstanceState = 'provisioning' | 'ready' | 'failed' | 'gone'
/**
 * A language in which Kontor writes to people.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "language".
 */
export type Language = 'de' | 'en'
/**
 * What a mail tells of.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "mail-kind".
 */
export type MailKindName =
  | 'order-accepted'
  | 'order-ready'
  | 'order-failed'
  | 'order-ending'
  | 'binding-renewal'
  | 'invitation'
  | 'registration-accepted'
  | 'registration-refused'
/**
 * waiting: to be sent; sent: the mail server has taken it; dropped: the person does not want it, has no address, or has no role in the organisation any more; failed: given up.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "mail-state".
 */
export type MailStateName = 'waiting' | 'sent' | 'dropped' | 'failed'
/**
 * What Kontor writes a mail of, which each person can switch off.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "notification-kind".
 */
export type NotificationKind = 'order-accepted' | 'order-ready' | 'order-failed' | 'order-ending' | 'binding-renewal'
/**
 * open: to be removed; removed: the provider confirmed that it is gone; void: the order took effect after all; forgotten: an operator decided that it stays.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "orphan-state".
 */
export type OrphanStateName = 'open' | 'removed' | 'void' | 'forgotten'
/**
 * Why a resource may be left at the provider.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "orphan-cause".
 */
export type OrphanCauseName = 'doubtful_call' | 'late_call' | 'retained' | 'abandoned'
/**
 * suspended: new orders are refused; existing instances can still be read, unbound and deleted. retired: gone for good; only its name stays reserved.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "tenant-state".
 */
export type TenantState = 'active' | 'suspended' | 'retired'
/**
 * State of a registration.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "registration-state".
 */
export type RegistrationState = 'pending' | 'accepted' | 'refused' | 'withdrawn'
/**
 * A net amount of money, exactly, such as `1.90` or `0.021`.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "listing-amount".
 */
export type ListingAmount = string

export interface AllSchemas {
  'accept-registration'?: AcceptRegistration
  'acknowledge-finding'?: AcknowledgeFinding
  'agency-registration'?: AgencyRegistration
  'approve-origins'?: ApproveOrigins
  'audit-event'?: AuditEventView
  'binding-credentials'?: BindingCredentials
  'binding-state'?: BindingState
  binding?: BindingView
  'bound-instance'?: BoundInstance
  'cancel-order'?: CancelOrder
  'catalog-attestation'?: CatalogAttestation
  'catalog-document'?: CatalogDocument
  'catalog-facet'?: CatalogFacet
  'catalog-finding'?: CatalogFinding
  'catalog-item'?: CatalogItem
  'catalog-offering'?: CatalogOfferingView
  'catalog-page'?: CatalogPage
  'catalog-plan-item'?: CatalogPlanItem
  'catalog-plan'?: CatalogPlan
  'catalog-provider'?: CatalogProvider
  'catalog-quarantine'?: CatalogQuarantine
  'catalog-words'?: CatalogWords
  'change-order'?: ChangeOrder
  'checked-certificate'?: CheckedCertificate
  'compared-plan'?: ComparedPlan
  'cost-centre'?: CostCentre
  'create-comparison'?: CreateComparison
  'create-credential'?: CreateCredential
  'create-invitation'?: CreateInvitation
  'create-membership'?: CreateMembership
  'create-order-binding'?: CreateOrderBinding
  'create-order'?: CreateOrder
  'create-organisation'?: CreateOrganisation
  'create-platform'?: CreatePlatform
  'create-provider'?: CreateProvider
  'create-registration'?: CreateRegistration
  'create-token'?: CreateToken
  'create-visibility-rule'?: CreateVisibilityRule
  credential?: CredentialView
  'deletion-certificate'?: DeletionCertificate
  'finding-facts'?: FindingFacts
  finding?: FindingView
  'frozen-comparison-head'?: FrozenComparisonHead
  'frozen-comparison'?: FrozenComparison
  'instance-owner'?: InstanceOwner
  'instance-state'?: InstanceState
  'instance-timeline'?: InstanceTimeline
  instance?: InstanceView
  integrity?: IntegrityView
  invitation?: InvitationView
  'issued-credential'?: IssuedCredential
  'issued-token'?: IssuedToken
  'join-registration'?: JoinRegistration
  language?: Language
  'mail-kind'?: MailKindName
  'mail-state'?: MailStateName
  mail?: MailView
  mapping?: MappingView
  me?: Me
  membership?: MembershipView
  named?: Named
  'notification-kind'?: NotificationKind
  'operation-kind'?: OperationKindName
  'operation-state'?: OperationStateName
  operation?: OperationView
  'operator-reason'?: OperatorReason
  'order-binding'?: OrderBinding
  'order-cancellation'?: OrderCancellation
  'order-check'?: OrderCheck
  'order-choice'?: OrderChoice
  'order-item'?: OrderItem
  'order-permission'?: OrderPermission
  'order-person'?: OrderPerson
  'order-problem'?: OrderProblem
  'order-refusal'?: OrderRefusal
  'order-terms'?: OrderTerms
  'order-timeline-entry'?: OrderTimelineEntry
  'order-timeline'?: OrderTimeline
  order?: OrderView
  'organisation-level'?: OrganisationLevel
  organisation?: OrganisationView
  'orphan-cause'?: OrphanCauseName
  'orphan-state'?: OrphanStateName
  orphan?: OrphanView
  'person-role'?: PersonRole
  person?: PersonView
  'plan-comparison'?: PlanComparison
  'plan-delivery'?: PlanDelivery
  'plan-ids'?: PlanIds
  'plan-price'?: PlanPrice
  'plan-use'?: PlanUse
  'platform-kind'?: PlatformKind
  'platform-visibility'?: PlatformVisibility
  platform?: PlatformView
  'price-component'?: PriceComponent
  problem?: Problem
  provider?: ProviderView
  quota?: QuotaView
  reconciliation?: ReconciliationView
  'refuse-registration'?: RefuseRegistration
  'registration-state'?: RegistrationState
  registration?: RegistrationView
  'running-operation'?: RunningOperation
  'set-mapping'?: SetMapping
  'set-quota'?: SetQuota
  'settle-operation'?: SettleOperation
  'submit-order'?: SubmitOrder
  'tenant-state'?: TenantState
  token?: TokenView
  'update-instance'?: UpdateInstance
  'update-me'?: UpdateMe
  'update-membership'?: UpdateMembership
  'update-order'?: UpdateOrder
  'update-organisation'?: UpdateOrganisation
  'update-platform'?: UpdatePlatform
  'update-provider'?: UpdateProvider
  'update-visibility-rule'?: UpdateVisibilityRule
  upstream?: UpstreamIds
  'visibility-label'?: VisibilityLabel
  'visibility-rule'?: VisibilityRuleView
  'visibility-what'?: VisibilityWhat
  'visibility-who'?: VisibilityWho
  'client-certificate'?: ClientCertificate
  'osb-credentials'?: OsbCredentials
  'osb-inventory'?: OsbInventory
  'osb-settings'?: OsbSettings
  config?: ConfigVariables
  'listing-amount'?: ListingAmount
  'listing-date'?: ListingDate
  'listing-link'?: ListingLink
  'listing-offering'?: ListingOffering
  'listing-plan'?: ListingPlan
  'listing-price'?: ListingPrice
  'listing-texts'?: ListingTexts
  'listing-words'?: ListingWords
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
 * Body of POST /api/registrations/{id}/accept. What is absent is as it was asked for.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "accept-registration".
 */
export interface AcceptRegistration {
  /**
   * Of an agency: its name instead of the proposed one.
   */
  name?: string
  /**
   * Of an agency: name or id of its parent; null: it stands at the top of the tree.
   */
  parent?: string | null
  role?: PersonRole
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
 * An agency that wants to order.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "agency-registration".
 */
export interface AgencyRegistration {
  /**
   * Proposed short unique name; the operator who accepts it may choose another one.
   */
  name: string
  /**
   * Name for people.
   */
  displayName: string
  level: OrganisationLevel
  /**
   * Leitweg-ID of its invoices.
   */
  leitwegId?: string | null
  /**
   * Whom the operator can ask.
   */
  contact: {
    name: string
    email: string
    phone?: string
  }
  /**
   * Name of the organisation above it, if there is one.
   */
  parent?: string | null
}
/**
 * Body of POST /api/providers/:id/approve-origins.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "approve-origins".
 */
export interface ApproveOrigins {
  /**
   * Origins (scheme, host and port) of the provider's settings.url or credentials.tokenUrl, as unapprovedOrigins of the provider lists them. One that the registration no longer names is refused.
   *
   * @minItems 1
   * @maxItems 10
   */
  origins:
    | [string]
    | [string, string]
    | [string, string, string]
    | [string, string, string, string]
    | [string, string, string, string, string]
    | [string, string, string, string, string, string]
    | [string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string]
}
/**
 * Who did what to which object, with which outcome. Also one line of a JSON Lines export; a CSV export has the same columns. Holds no secrets and no parameters.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "audit-event".
 */
export interface AuditEventView {
  /**
   * Its position in the chain; null while it waits to be linked.
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
   * The organisation that it was ordered for.
   */
  organisationId: string | null
  platformId: string | null
  providerId: string | null
  /**
   * instance_id of the platform.
   */
  instanceId: string | null
  details: {
    [k: string]: string | number | boolean
  } | null
  uid: string | null
  /**
   * Its MAC, in hexadecimal digits; null in events of releases that did not seal.
   */
  mac: string | null
  linkedAt: string | null
  /**
   * Hash of this event and of the position before it, and so of the whole chain up to here; in hexadecimal digits.
   */
  hash: string | null
}
/**
 * What a provider gave for a binding. Secret: keep it out of logs.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "binding-credentials".
 */
export interface BindingCredentials {
  /**
   * Kontor's id of the binding.
   */
  id: string
  /**
   * The platform's id of the binding.
   */
  bindingId: string
  /**
   * As the provider made them.
   */
  credentials: {
    [k: string]: unknown
  }
  /**
   * Which addresses and ports the service has, as the provider said it.
   */
  endpoints: {
    [k: string]: unknown
  }[]
  /**
   * As the Open Service Broker API has them.
   */
  volumeMounts: {
    [k: string]: unknown
  }[]
  /**
   * Where logs may be sent; null: nowhere.
   */
  syslogDrainUrl: string | null
  /**
   * Through which address requests are to be led; null: none.
   */
  routeServiceUrl: string | null
  /**
   * When the credentials end; null: the provider said nothing.
   */
  expiresAt: string | null
  /**
   * When they should be renewed at the latest; null: the provider said nothing.
   */
  renewBefore: string | null
}
/**
 * A binding as the people of its organisation see it, whatever platform ordered it. Without parameters and credentials.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "binding".
 */
export interface BindingView {
  /**
   * Kontor's id, which no other binding ever gets.
   */
  id: string
  /**
   * The platform's id of the binding.
   */
  bindingId: string
  instance: BoundInstance
  platform: Named
  platformKind: PlatformKind
  provider: Named
  /**
   * That of its instance.
   */
  organisation: Named | null
  offering: Named
  plan: Named
  state: BindingState
  /**
   * Kontor's id of the binding that it replaces; null: none.
   */
  predecessorId: string | null
  /**
   * The operation of the binding that runs; null: none.
   */
  operation: RunningOperation | null
  /**
   * When its credentials end, as the provider said; null: it said nothing.
   */
  expiresAt: string | null
  isExpired: boolean
  /**
   * When it should be renewed at the latest, as the provider said; null: it said nothing, or Kontor does not store its result. Only in the answer for a single binding.
   */
  renewBefore?: string | null
  createdAt: string
  updatedAt: string
  /**
   * null: it exists.
   */
  deletedAt: string | null
}
/**
 * The instance of a binding.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "bound-instance".
 */
export interface BoundInstance {
  /**
   * Kontor's id, for `GET /api/instances/{id}`.
   */
  id: string
  /**
   * The platform's id of the instance.
   */
  instanceId: string
  /**
   * Its name on the platform; null: the order said none.
   */
  name: string | null
}
/**
 * An object's id and name.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "named".
 */
export interface Named {
  id: string
  name: string
}
/**
 * An operation that has not ended.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "running-operation".
 */
export interface RunningOperation {
  /**
   * For `GET /api/operations/{id}`.
   */
  id: string
  kind: OperationKindName
  state: OperationStateName
}
/**
 * Body of POST /api/orders/:number/cancellation.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "cancel-order".
 */
export interface CancelOrder {
  /**
   * Name of the instance, typed once more.
   */
  instanceName: string
  /**
   * now: at once, whatever is owed until its terms end; end-date: when its terms allow.
   */
  when: 'now' | 'end-date'
  /**
   * Of GET /api/orders/:number/cancellation: an end on another day than this one is refused. Only for end-date.
   */
  endsAt?: string
}
/**
 * An attestation that the provider states.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-attestation".
 */
export interface CatalogAttestation {
  kind: string
  /**
   * Of the catalogue of criteria.
   */
  version: string | null
  /**
   * 1 or 2, for C5.
   */
  type: number | null
  /**
   * A day.
   */
  validFrom: string | null
  /**
   * The last day on which it is valid.
   */
  validTo: string
  /**
   * Where the provider shows it.
   */
  evidenceUrl: string | null
  /**
   * Whether that day has passed, in UTC.
   */
  isExpired: boolean
}
/**
 * A document of an offering.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-document".
 */
export interface CatalogDocument {
  kind: 'dpa' | 'toms' | 'terms' | 'sla' | 'description' | 'manual' | 'certificate' | 'support' | 'other'
  title: CatalogWords | null
  /**
   * Begins with https: or mailto:.
   */
  url: string
}
/**
 * A text in both languages. Where the provider states one only, both are that one.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-words".
 */
export interface CatalogWords {
  de: string
  en: string
}
/**
 * What the list can be narrowed by, with counts. A facet counts what the query and the other facets leave.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-facet".
 */
export interface CatalogFacet {
  /**
   * The name of the query parameter.
   */
  name: 'category' | 'provider' | 'protection' | 'region' | 'model' | 'price' | 'fulfilment' | 'attestation'
  /**
   * Most frequent first.
   */
  values: {
    value: string
    /**
     * For people; the same as `value` for all but providers.
     */
    label: string
    /**
     * Number of offerings with at least one such plan.
     */
    count: number
    chosen: boolean
  }[]
}
/**
 * A part of a provider's catalog that Kontor could not publish as sent.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-finding".
 */
export interface CatalogFinding {
  /**
   * JSON pointer into the provider's catalog: to the part that is withheld, dropped or noted.
   */
  path: string
  problem: string
  effect: 'catalog_withheld' | 'offering_withheld' | 'plan_withheld' | 'schema_dropped' | 'field_dropped' | 'note'
  /**
   * The provider's id of the offering that is withheld, or that a withheld plan belongs to.
   */
  offeringId?: string
  /**
   * The provider's id of the plan that is withheld.
   */
  planId?: string
}
/**
 * An offering in a list of the catalog for people.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-item".
 */
export interface CatalogItem {
  /**
   * The published id, `service_id` of an order.
   */
  id: string
  name: string
  displayName: CatalogWords
  description: CatalogWords
  provider: CatalogProvider
  /**
   * Such as collaboration or platform.
   */
  category: string | null
  /**
   * IaaS, PaaS, SaaS or FaaS.
   */
  model: string | null
  /**
   * The lowest of the protection needs for confidentiality, integrity and availability that it meets.
   */
  protection: 'normal' | 'hoch' | 'sehr_hoch' | null
  regions: string[]
  /**
   * Kinds of the attestations that are valid today.
   */
  attestations: string[]
  /**
   * Those that the caller may see.
   */
  plans: CatalogPlanItem[]
}
/**
 * A provider as the catalog for people names it.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-provider".
 */
export interface CatalogProvider {
  name: string
  displayName: string
}
/**
 * A plan in a list of the catalog for people.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-plan-item".
 */
export interface CatalogPlanItem {
  id: string
  name: string
  displayName: CatalogWords
  order: OrderPermission
  price: PlanPrice
  /**
   * How it is fulfilled, such as osb-broker or manual-ticket.
   */
  fulfilment: string | null
  /**
   * What the provider says of its life.
   */
  state: 'active' | 'deprecated' | 'withdrawn'
}
/**
 * Whether the plan may be ordered by the organisations that the caller acts for.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-permission".
 */
export interface OrderPermission {
  /**
   * null: the caller acts for no organisation.
   */
  mayOrder: boolean | null
  /**
   * Why it may not be ordered, as the visibility rule says, or because the organisation is suspended.
   */
  reason: string | null
}
/**
 * What a plan costs at present.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "plan-price".
 */
export interface PlanPrice {
  /**
   * The provider declares that it costs nothing.
   */
  free: boolean
  /**
   * free; by the fixed price per month in EUR: under-50, 50-200, 200-1000, over-1000; usage: per unit or by use, alone or besides a fixed price; other: in another currency or for another period; unstated.
   */
  class: 'free' | 'under-50' | '50-200' | '200-1000' | 'over-1000' | 'usage' | 'other' | 'unstated'
  /**
   * Of `perMonth`, `oneTime` and `minimumTerm`; null where they are.
   */
  currency: string | null
  /**
   * The fixed prices per month together; a yearly price is divided by 12 and rounded to the cent. Null: there are none, or they have several currencies or shorter periods.
   */
  perMonth: string | null
  /**
   * What is charged once, together; null as `perMonth`.
   */
  oneTime: string | null
  /**
   * Null: the provider states none.
   */
  minimumTermMonths: number | null
  /**
   * Fixed and one-time prices over the minimum term together; prices per unit and by use come on top. Null: it cannot be known.
   */
  minimumTerm: string | null
  components: PriceComponent[]
}
/**
 * One component of a plan's price. Amounts are net, and decimal strings.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "price-component".
 */
export interface PriceComponent {
  /**
   * fixed: per period. per_unit: for each unit of a parameter. metered: for what is used. tiered: a price per unit that depends on the quantity. one_time: once, such as a set-up.
   */
  kind: 'fixed' | 'per_unit' | 'metered' | 'tiered' | 'one_time'
  /**
   * Such as `1.90` or `0.021`.
   */
  net: string
  /**
   * ISO 4217.
   */
  currency: string
  /**
   * What the price is for, in the provider's words.
   */
  unit: string | null
  /**
   * How often it is charged; null: once, or the provider does not say.
   */
  period: 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year' | null
  /**
   * JSON pointer to the parameter of the order that the price is multiplied with.
   */
  parameter: string | null
  /**
   * A day; null: since ever.
   */
  validFrom: string | null
  /**
   * The last day; null: no end is stated.
   */
  validTo: string | null
  tiers?: {
    upTo: number | null
    net: string
  }[]
}
/**
 * An offering in the catalog for people.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-offering".
 */
export interface CatalogOfferingView {
  /**
   * As in a list.
   */
  organisation: Named | null
  /**
   * The published id, `service_id` of an order.
   */
  id: string
  name: string
  displayName: CatalogWords
  description: CatalogWords
  provider: CatalogProvider
  /**
   * Such as collaboration or platform.
   */
  category: string | null
  /**
   * IaaS, PaaS, SaaS or FaaS.
   */
  model: string | null
  /**
   * The lowest of the protection needs for confidentiality, integrity and availability that it meets.
   */
  protection: 'normal' | 'hoch' | 'sehr_hoch' | null
  regions: string[]
  longDescription: CatalogWords | null
  tags: string[]
  attestations: CatalogAttestation[]
  documents: CatalogDocument[]
  listing: ListingOffering
  /**
   * Those that the caller may see.
   */
  plans: CatalogPlan[]
}
/**
 * What a provider may say of an offering in `metadata.dvc` of its catalog. Each field stands alone: one that does not fit is left out, with a finding. Scales such as that of `ratings` are the provider's own.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "listing-offering".
 */
export interface ListingOffering {
  i18n?: ListingTexts
  category?: string
  model?: 'IaaS' | 'PaaS' | 'SaaS' | 'FaaS'
  roles?: {
    serviceOperator?: string
    platformOperator?: string
    softwareVendor?: string
    [k: string]: unknown
  }
  protection?: {
    confidentiality: 'normal' | 'hoch' | 'sehr_hoch'
    integrity: 'normal' | 'hoch' | 'sehr_hoch'
    availability: 'normal' | 'hoch' | 'sehr_hoch'
    vsNfd?: boolean
    [k: string]: unknown
  }
  /**
   * @maxItems 20
   */
  ratings?:
    | []
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          scheme: string
          level: string | number
          status: 'self-declared' | 'verified'
          date?: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
  /**
   * @maxItems 20
   */
  attestations?:
    | []
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
    | [
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        },
        {
          kind: string
          version?: string
          type?: 1 | 2
          validFrom?: ListingDate
          validTo: ListingDate
          evidenceUrl?: ListingLink
          [k: string]: unknown
        }
      ]
  location?: {
    /**
     * @maxItems 50
     */
    regions?: string[]
    /**
     * @maxItems 50
     */
    country?: string[]
    dataLocation?: string
    failsafeLevel?: number
    thirdCountryAccess?: boolean
    [k: string]: unknown
  }
  /**
   * @maxItems 50
   */
  subProcessors?: {
    name: string
    country: string
    purpose: string
    [k: string]: unknown
  }[]
  contract?: {
    /**
     * @maxItems 2
     */
    models?: [] | ['direct' | 'chain'] | ['direct' | 'chain', 'direct' | 'chain']
    termsVersion?: string
    minTermMonths?: number
    noticeDays?: number
    dpaUrl?: ListingLink
    [k: string]: unknown
  }
  sla?: {
    availabilityPercent?: number
    serviceHours?: string
    rtoHours?: number
    rpoHours?: number
    maintenanceWindow?: string
    [k: string]: unknown
  }
  exit?: {
    /**
     * @maxItems 20
     */
    exportFormats?:
      | []
      | [string]
      | [string, string]
      | [string, string, string]
      | [string, string, string, string]
      | [string, string, string, string, string]
      | [string, string, string, string, string, string]
      | [string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string, string, string]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
    retainDays?: number
    deletionProof?: boolean
    [k: string]: unknown
  }
  /**
   * @maxItems 3
   */
  eligibleLevels?:
    | []
    | ['bund' | 'land' | 'kommune']
    | ['bund' | 'land' | 'kommune', 'bund' | 'land' | 'kommune']
    | ['bund' | 'land' | 'kommune', 'bund' | 'land' | 'kommune', 'bund' | 'land' | 'kommune']
  /**
   * @maxItems 3
   */
  networks?:
    | []
    | ['internet' | 'ndb' | 'landesnetz']
    | ['internet' | 'ndb' | 'landesnetz', 'internet' | 'ndb' | 'landesnetz']
    | ['internet' | 'ndb' | 'landesnetz', 'internet' | 'ndb' | 'landesnetz', 'internet' | 'ndb' | 'landesnetz']
  /**
   * @maxItems 3
   */
  signIn?:
    | []
    | ['oidc' | 'saml' | 'scim']
    | ['oidc' | 'saml' | 'scim', 'oidc' | 'saml' | 'scim']
    | ['oidc' | 'saml' | 'scim', 'oidc' | 'saml' | 'scim', 'oidc' | 'saml' | 'scim']
  privacy?: {
    personalData?: boolean
    /**
     * @maxItems 20
     */
    dataCategories?:
      | []
      | [string]
      | [string, string]
      | [string, string, string]
      | [string, string, string, string]
      | [string, string, string, string, string]
      | [string, string, string, string, string, string]
      | [string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string, string, string, string, string, string, string]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
      | [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string
        ]
    dpiaNeeded?: boolean
    [k: string]: unknown
  }
  /**
   * @maxItems 30
   */
  documents?: {
    kind: 'dpa' | 'toms' | 'terms' | 'sla' | 'description' | 'manual' | 'certificate' | 'other'
    title?: {
      de?: string
      en?: string
      [k: string]: unknown
    }
    url: ListingLink
    [k: string]: unknown
  }[]
  support?: {
    hours?: string
    email?: string
    phone?: string
    statusUrl?: ListingLink
    [k: string]: unknown
  }
  accessibility?: {
    standard: string
    conformance: 'full' | 'partial' | 'none'
    date?: ListingDate
    statementUrl?: ListingLink
    [k: string]: unknown
  }
  licence?: string
  sourceUrl?: ListingLink
  [k: string]: unknown
}
/**
 * Texts of an offering or a plan in German and English; one language may be absent.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "listing-texts".
 */
export interface ListingTexts {
  de?: ListingWords
  en?: ListingWords
  [k: string]: unknown
}
/**
 * Texts in one language.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "listing-words".
 */
export interface ListingWords {
  displayName: string
  description?: string
  longDescription?: string
  [k: string]: unknown
}
/**
 * A plan on the page of its offering.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-plan".
 */
export interface CatalogPlan {
  /**
   * The published id, `plan_id` of an order.
   */
  id: string
  name: string
  displayName: CatalogWords
  description: CatalogWords
  bullets: string[]
  order: OrderPermission
  price: PlanPrice
  /**
   * How it is fulfilled, such as osb-broker or manual-ticket.
   */
  fulfilment: string | null
  /**
   * Until it is delivered, as the provider says.
   */
  expectedHours: number | null
  /**
   * Who has to approve an order, as the provider proposes.
   */
  approval: 'none' | 'single' | 'two-step' | null
  extraChecks: string[]
  state: 'active' | 'deprecated' | 'withdrawn'
  /**
   * A day.
   */
  endOfSale: string | null
  /**
   * A day.
   */
  endOfLife: string | null
  /**
   * Whether an instance can change to another plan.
   */
  updateable: boolean
  bindable: boolean
  /**
   * Whether credentials can be replaced with an overlap.
   */
  rotatable: boolean
  /**
   * `maintenance_info.version`.
   */
  maintenanceVersion: string | null
  /**
   * Measured by Kontor; null: fewer than 5 orders have ended.
   */
  delivery: PlanDelivery | null
  /**
   * Organisations that the caller acts for, and those below them.
   */
  usedBy: PlanUse[]
}
/**
 * How long the last orders of a plan took, from the order to its end, whatever organisation they were for.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "plan-delivery".
 */
export interface PlanDelivery {
  /**
   * How many of the last 100 were counted, rounded down: 5 stands for 5 to 9, then tens.
   */
  orders: number
  /**
   * Of those that succeeded; null: none has.
   */
  medianSeconds: number | null
  /**
   * Nine of ten took no longer.
   */
  p90Seconds: number | null
  /**
   * Rounded to tens.
   */
  failedPercent: number
}
/**
 * An organisation that has instances of a plan.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "plan-use".
 */
export interface PlanUse {
  organisation: Named
  instances: number
}
/**
 * A page of the catalog for people.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-page".
 */
export interface CatalogPage {
  /**
   * The organisation that was asked for; null: all that the caller acts for.
   */
  organisation: Named | null
  /**
   * Number of offerings on all pages.
   */
  total: number
  items: CatalogItem[]
  /**
   * `cursor` of the next page; null on the last one.
   */
  next: string | null
  facets: CatalogFacet[]
}
/**
 * A catalog that the provider sent and Kontor does not publish until an operator confirms it, because it would withdraw what is in use. The last good copy stays published. It ends by itself when the plans come back.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "catalog-quarantine".
 */
export interface CatalogQuarantine {
  /**
   * empty: nothing could be published. ids_changed: all ids are new, under the same names. plans_lost: plans with instances are gone.
   */
  reason: 'empty' | 'ids_changed' | 'plans_lost'
  problem: string
  /**
   * When a catalog of this provider was first quarantined.
   */
  since: string
  /**
   * Of what would be lost. A confirmation that names it holds for this loss only, whatever else changes in the catalog.
   */
  digest: string
  /**
   * confirmed: Kontor publishes it at the next reading. rejected: the last good copy stays, and the metric no longer counts it. null: it waits for a decision.
   */
  decision: 'confirmed' | 'rejected' | null
  /**
   * How many plans with instances the catalog lacks.
   */
  lostPlans: number
  /**
   * The first 50 of them.
   */
  lost: {
    offering: string
    plan: string
    liveInstances: number
  }[]
  /**
   * How many plans have other ids under the same names.
   */
  changedPlans: number
  /**
   * The first 50 of them, with the provider's own ids before and now.
   */
  changedIds: {
    offering: string
    plan: string
    from: PlanIds
    to: PlanIds
  }[]
}
/**
 * The ids that a provider gives a plan and its offering.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "plan-ids".
 */
export interface PlanIds {
  serviceId: string
  planId: string
}
/**
 * Body of POST /api/orders/:number/change. Absent fields stay unchanged.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "change-order".
 */
export interface ChangeOrder {
  /**
   * Published id of another plan of the offering, or its name.
   */
  plan?: string
  /**
   * As the plan's schema for updates describes them.
   */
  parameters?: {
    [k: string]: unknown
  }
}
/**
 * Whether a deletion certificate is as this Kontor issued it.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "checked-certificate".
 */
export interface CheckedCertificate {
  isValid: boolean
  /**
   * What of it no event of the audit log says. If its key was retired after a leak, only the rest is known to be of Kontor.
   */
  unproven: string[]
}
/**
 * A plan of a comparison, with what its offering says.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "compared-plan".
 */
export interface ComparedPlan {
  offering: {
    id: string
    name: string
    displayName: CatalogWords
  }
  provider: CatalogProvider
  /**
   * Such as collaboration or platform.
   */
  category: string | null
  /**
   * IaaS, PaaS, SaaS or FaaS.
   */
  model: string | null
  /**
   * The lowest of the protection needs for confidentiality, integrity and availability that it meets.
   */
  protection: 'normal' | 'hoch' | 'sehr_hoch' | null
  regions: string[]
  attestations: CatalogAttestation[]
  listing: ListingOffering
  plan: CatalogPlan
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
/**
 * Plans to be compared now and kept as they are.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-comparison".
 */
export interface CreateComparison {
  /**
   * Id or name of the organisation whose comparison it is.
   */
  organisation: string
  /**
   * Ids of plans.
   *
   * @minItems 1
   * @maxItems 4
   */
  plans: [string] | [string, string] | [string, string, string] | [string, string, string, string]
  note?: string | null
}
export interface CreateCredential1 {
  /**
   * basic: user name and password. bearer: tokens of an issuer for a subject. mtls: client certificates with a name.
   */
  kind: 'basic' | 'bearer' | 'mtls'
  /**
   * Only of bearer: the issuer, exactly as in the claim `iss`.
   */
  issuer?: string
  /**
   * Only of bearer: the subject, as in the claim `sub`.
   */
  subject?: string
  /**
   * Only of mtls: a name in the client certificate, as dns:NAME (or NAME alone), uri:NAME, cn:NAME or sha256:FINGERPRINT.
   */
  certificateName?: string
}
/**
 * Body of POST /api/invitations. It names a person by `email`, or by `issuer` and `subject`.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-invitation".
 */
export interface CreateInvitation {
  /**
   * Name or id of the organisation.
   */
  organisation: string
  role: PersonRole
  /**
   * Of the person. It counts only for a sign-in whose issuer says that the address is verified.
   */
  email?: string
  /**
   * Instead of the mail address: the claim `iss` of the person's tokens.
   */
  issuer?: string
  /**
   * With `issuer`: the claim `sub`.
   */
  subject?: string
  expiresInDays: number
}
/**
 * Body of POST /api/memberships.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-membership".
 */
export interface CreateMembership {
  /**
   * Id of the person.
   */
  person: string
  /**
   * Name or id of the organisation.
   */
  organisation: string
  role: PersonRole
}
/**
 * Body of POST /api/orders/:number/bindings.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-order-binding".
 */
export interface CreateOrderBinding {
  /**
   * As the plan's schema for bindings describes them.
   */
  parameters?: {
    [k: string]: unknown
  }
  /**
   * Id of the binding that the new one replaces, where the plan lets bindings be rotated.
   */
  predecessor?: string
}
/**
 * Body of POST /api/orders: a draft, which may lack what its submission needs.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-order".
 */
export interface CreateOrder {
  /**
   * Name or id of the organisation that orders.
   */
  organisation: string
  /**
   * Published id or name of the offering.
   */
  offering: string
  /**
   * Published id of the plan, or its name.
   */
  plan: string
  /**
   * Name of the instance for people. Null: none.
   */
  instanceName?: string | null
  /**
   * As the plan's schema describes them. A secret (writeOnly, or of the format password) that is left out stays as it is. Null: none.
   */
  parameters?: {
    [k: string]: unknown
  } | null
  /**
   * What it is needed for. Null: none.
   */
  purpose?: string | null
  /**
   * Id of a cost centre of the organisation or of one above it. Null: none.
   */
  costCentre?: string | null
  /**
   * At most the protection that the offering states. Null: not chosen.
   */
  protectionNeed?: 'normal' | 'hoch' | 'sehr_hoch' | null
  /**
   * Name or id of the organisation that uses it; the one that orders by default.
   */
  beneficiary?: string
  /**
   * Name or id of the organisation that pays; the one that orders by default.
   */
  invoiceRecipient?: string
}
/**
 * Body of POST /api/organisations.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-organisation".
 */
export interface CreateOrganisation {
  /**
   * Short unique name. Tokens, annotations and rules refer to it, so it never changes and is never reused.
   */
  name: string
  /**
   * Name for people.
   */
  displayName: string
  level: OrganisationLevel
  /**
   * Name or id of its parent; absent: it stands at the top of the tree.
   */
  parent?: string | null
  /**
   * Leitweg-ID of its invoices: coarse part, optional fine part, check digits. Lower case letters count as upper case.
   */
  leitwegId?: string | null
  /**
   * Its cost centres, by which invoices are split. Each id once.
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
   * Short unique name; it never changes and is never reused.
   */
  name: string
  /**
   * Name for people.
   */
  displayName?: string
  kind?: PlatformKind
  /**
   * Name or id of its organisation. Its orders are for that organisation unless a mapping or an annotation names another.
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
   * Short unique name. All published ids and names are derived from it, so it never changes.
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
   * Settings of the kind of back end; an error names the field.
   */
  credentials:
    | OsbCredentials
    | {
        [k: string]: unknown
      }
  /**
   * How many calls one Kontor process may have open to this provider at a time. Background calls leave a fifth of these slots to orders whose client waits.
   */
  concurrency?: number
  /**
   * How often Kontor reads its catalog.
   */
  refreshSeconds?: number
  /**
   * How often Kontor reconciles its records with the provider; 0: only on request.
   */
  reconcileSeconds?: number
  /**
   * Whether Kontor stores the credentials of bindings, sealed, so that it can return them again. false: pass-through credentials; Kontor hands them to the platform, stores nothing, and asks the provider when they are fetched again.
   */
  storeBindingCredentials?: boolean
  /**
   * What happens to a resource that a failed order may have left at this provider. automatic: Kontor removes it at once. retain: after mitigationRetainHours. manual: when an operator decides. Never after an update.
   */
  mitigation?: 'automatic' | 'retain' | 'manual'
  /**
   * Needed with mitigation retain, and only then.
   */
  mitigationRetainHours?: number
  /**
   * CIDR ranges and single addresses that its addresses (settings.url, credentials.tokenUrl) must be in, beside being public or in KONTOR_PROVIDER_NETWORKS; empty: no narrower than that.
   *
   * @maxItems 100
   */
  allowedNetworks?: string[]
  /**
   * Ports that its addresses must have; empty: any.
   *
   * @maxItems 100
   */
  allowedPorts?: number[]
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
   * Timeout of one call, from its start to the last byte of the answer. After a timeout the outcome of the call is unknown.
   */
  timeoutSeconds?: number
  /**
   * Timeout of one catalog read.
   */
  catalogTimeoutSeconds?: number
  /**
   * A longer answer counts as malformed. It holds up to KONTOR_MAX_RESPONSE_BYTES.
   */
  maxResponseBytes?: number
  /**
   * A longer catalog counts as malformed. It holds up to KONTOR_MAX_CATALOG_BYTES.
   */
  maxCatalogBytes?: number
  /**
   * Whether Kontor passes X-Broker-API-Originating-Identity on.
   */
  originatingIdentity?: 'forward' | 'drop'
  /**
   * Path where the broker lists its instances (GET <url><inventoryPath>?page=..., Kontor's extension: see docs/backends.md); absent: it has no such listing.
   */
  inventoryPath?: string
}
export interface OsbBasicCredentials {
  username: string
  password: string
  clientCertificate?: ClientCertificate
}
/**
 * The client certificate for providers that require mutual TLS.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "client-certificate".
 */
export interface ClientCertificate {
  /**
   * PEM: the client certificate first, then the intermediate authorities.
   */
  certificate: string
  /**
   * PEM of its private key.
   */
  key: string
  /**
   * Passphrase of an encrypted key.
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
   * The token endpoint. The provider's tlsCa and client certificate apply to it too.
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
   * The `audience` of the token, where the authorization server requires it.
   */
  audience?: string
  /**
   * The `resource` of RFC 8707, an absolute URI.
   */
  resource?: string
  clientCertificate?: ClientCertificate
}
export interface OsbCertificateCredentials {
  clientCertificate: ClientCertificate
}
/**
 * Body of POST /api/registrations: one of the two.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-registration".
 */
export interface CreateRegistration {
  agency?: AgencyRegistration
  join?: JoinRegistration
}
/**
 * A person who wants a role in an organisation.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "join-registration".
 */
export interface JoinRegistration {
  /**
   * Name of the organisation. That there is none shows only in that the request stays pending.
   */
  organisation: string
  role: PersonRole
  /**
   * For the administrator who decides.
   */
  message?: string
}
/**
 * Body of POST /api/tokens.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-token".
 */
export interface CreateToken {
  /**
   * What it is for.
   */
  name: string
  /**
   * read: only GET. full: all that the person's roles allow, but not tokens.
   */
  access: 'read' | 'full'
  expiresInDays: number
  /**
   * Names or ids: it counts only there and below. Absent: wherever the person has a role.
   *
   * @minItems 1
   * @maxItems 20
   */
  organisations?:
    | [string]
    | [string, string]
    | [string, string, string]
    | [string, string, string, string]
    | [string, string, string, string, string]
    | [string, string, string, string, string, string]
    | [string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string, string, string, string, string]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
  /**
   * It has only these. Absent: all that the person has.
   *
   * @minItems 1
   * @maxItems 7
   */
  roles?:
    | [PersonRole]
    | [PersonRole, PersonRole]
    | [PersonRole, PersonRole, PersonRole]
    | [PersonRole, PersonRole, PersonRole, PersonRole]
    | [PersonRole, PersonRole, PersonRole, PersonRole, PersonRole]
    | [PersonRole, PersonRole, PersonRole, PersonRole, PersonRole, PersonRole]
    | [PersonRole, PersonRole, PersonRole, PersonRole, PersonRole, PersonRole, PersonRole]
}
/**
 * Body of POST /api/visibility-rules. A plan with an allow rule is visible only where an allow rule matches; a deny rule hides it where it matches, whatever allows it.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "create-visibility-rule".
 */
export interface CreateVisibilityRule {
  effect: 'allow' | 'deny'
  who: VisibilityWho
  what: VisibilityWhat
  /**
   * The sentence in the answer to an order that the rule refuses.
   */
  reason: string
  /**
   * true: where the rule matches, the plan looks like one that does not exist.
   */
  conceal?: boolean
  /**
   * For operators and the audit log.
   */
  comment?: string | null
}
/**
 * The platforms and organisations that a rule matches. All given fields must match.
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
   * The level of the organisation that orders.
   */
  level?: 'bund' | 'land' | 'kommune'
}
/**
 * The plans that a rule matches. All given fields must match.
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
 * A value in the catalog: a tag of the offering (`tag`), or the value in the metadata of plan or offering at a path of at most eight steps.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "visibility-label".
 */
export interface VisibilityLabel {
  name: string
  /**
   * Compared as text; a list matches if one of its values does.
   */
  value: string
}
/**
 * One credential of a platform, without its secret.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "credential".
 */
export interface CredentialView {
  id: string
  /**
   * basic: user name and password. bearer: tokens of an issuer for a subject. mtls: client certificates with a name.
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
   * When the platform last signed in with it, to the minute; null: never.
   */
  lastUsedAt: string | null
}
/**
 * What was deleted of an order, when, by whose order, and what says so.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "deletion-certificate".
 */
export interface DeletionCertificate {
  /**
   * Of the order.
   */
  number: string
  organisation: Named
  beneficiary: Named
  provider: CatalogProvider
  offering: OrderChoice
  plan: OrderChoice
  /**
   * What was deleted.
   */
  instance: {
    id: string
    name: string | null
  }
  submittedAt: string | null
  /**
   * Who cancelled the order; null: no person did, such as at the retirement of its organisation.
   */
  endedBy: OrderPerson | null
  /**
   * Id of the operation that deleted it.
   */
  operation: string
  /**
   * When the deletion was ordered.
   */
  orderedAt: string
  /**
   * When it was known to be deleted.
   */
  deletedAt: string
  /**
   * answer: the provider answered the delete with success, or that it had nothing of the kind any more; poll: it had accepted the delete and said later that it is done; look-up: Kontor got no usable answer to the delete, and the provider has nothing of the kind any more; operator: an operator of Kontor said so, not the provider; null: not recorded.
   */
  confirmedBy: 'answer' | 'poll' | 'look-up' | 'operator' | null
  /**
   * How long the provider keeps the data after the end, as its terms said when it was ordered; null: it does not say.
   */
  retainDays: number | null
  retainedUntil: string | null
  /**
   * The event of the audit log that says so, and its place in the chain.
   */
  audit: {
    id: string
    uid: string | null
    position: number
    hash: string
    mac: string | null
  }
  /**
   * What no event of the audit log says, such as `instance.name`: it is what Kontor had in its database when it issued the certificate.
   *
   * @maxItems 100
   */
  unproven: string[]
  /**
   * SHA-256 of all but itself and the seal, as JSON with sorted keys and without spaces.
   */
  digest: string
  /**
   * MAC of the same with a key that only this Kontor has, and before it which key, in hexadecimal digits.
   */
  seal: string
}
/**
 * An offering or a plan as it was named when it was shown.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-choice".
 */
export interface OrderChoice {
  id: string
  name: string
  displayName: CatalogWords
}
/**
 * A person who did something with an order.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-person".
 */
export interface OrderPerson {
  id: string
  /**
   * As the issuer said it last; null: it said none.
   */
  name: string | null
}
/**
 * The differing values that may be shown; ids are the provider's.
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
 * A difference between Kontor's records and a provider. It holds no values of parameters and no credentials, only the names of what differs.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "finding".
 */
export interface FindingView {
  id: string
  providerId: string
  /**
   * missing: Kontor has a record, the provider has no such resource. different: both have it and differ. unknown: the provider lists it, Kontor has no record.
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
   * The platform whose resource it is or was; null: never one of Kontor's.
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
     * When Kontor deleted it.
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
   * When a run saw that the difference is gone.
   */
  resolvedAt: string | null
  /**
   * An operator has acknowledged it; it opens again when it changes.
   */
  acknowledgedAt: string | null
  acknowledgedReason: string | null
}
/**
 * A frozen comparison in a list.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "frozen-comparison-head".
 */
export interface FrozenComparisonHead {
  id: string
  organisation: Named
  createdAt: string
  createdBy: string
  /**
   * As it was given.
   */
  note: string | null
  /**
   * Keyed digest of the content with its date, author, organisation and note; the audit event of the comparison has it, too.
   */
  digest: string
}
/**
 * A comparison as it was when it was frozen.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "frozen-comparison".
 */
export interface FrozenComparison {
  id: string
  organisation: Named
  createdAt: string
  createdBy: string
  /**
   * As it was given.
   */
  note: string | null
  /**
   * Keyed digest of the content with its date, author, organisation and note; the audit event of the comparison has it, too.
   */
  digest: string
  /**
   * Whether all of this still has this digest.
   */
  isUnchanged: boolean
  comparison: PlanComparison
}
/**
 * Up to four plans side by side.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "plan-comparison".
 */
export interface PlanComparison {
  /**
   * As in a list of the catalog.
   */
  organisation: Named | null
  /**
   * When prices and all else were read.
   */
  comparedAt: string
  /**
   * @minItems 1
   * @maxItems 4
   */
  plans:
    | [ComparedPlan]
    | [ComparedPlan, ComparedPlan]
    | [ComparedPlan, ComparedPlan, ComparedPlan]
    | [ComparedPlan, ComparedPlan, ComparedPlan, ComparedPlan]
}
/**
 * Who cares for an instance.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "instance-owner".
 */
export interface InstanceOwner {
  /**
   * Id of the person; null: it is a text.
   */
  personId: string | null
  /**
   * The text, or the name of the person; null: Kontor does not know the person's name.
   */
  name: string | null
}
/**
 * Who did what with an instance and what became of it, oldest first.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "instance-timeline".
 */
export interface InstanceTimeline {
  /**
   * Kontor's id.
   */
  id: string
  /**
   * The platform's id.
   */
  instanceId: string
  platform: Named
  /**
   * Number of the order that made it; null: another platform ordered it, or the order is not for you.
   */
  order: string | null
  /**
   * An operation of it or of one of its bindings has not ended.
   */
  isUnderWay: boolean
  /**
   * Of the operation of the instance that runs, as those of its plan usually take; null: none runs, or it is not known.
   */
  expectedEnd: string | null
  /**
   * Of its newest 200 operations and, where people ordered it here, of its order.
   */
  entries: OrderTimelineEntry[]
}
/**
 * Something that was done with an order, or happened to an operation of its instance.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-timeline-entry".
 */
export interface OrderTimelineEntry {
  at: string
  /**
   * From drafted to cancellation-withdrawn: what was done with the order. operation-progress: what the provider said last; operation-repeated: its last step was repeated so often (`times`); operation-in-doubt: a call got no answer, and Kontor looks up what came of it; operation-undone: what it left at the provider is being removed; operation-parked: an operator must look at it.
   */
  code:
    | 'drafted'
    | 'changed'
    | 'discarded'
    | 'submitted'
    | 'returned'
    | 'change-requested'
    | 'upgrade-requested'
    | 'binding-requested'
    | 'unbind-requested'
    | 'request-refused'
    | 'cancelled'
    | 'cancellation-withdrawn'
    | 'operation-begun'
    | 'operation-progress'
    | 'operation-repeated'
    | 'operation-in-doubt'
    | 'operation-undone'
    | 'operation-parked'
    | 'operation-succeeded'
    | 'operation-failed'
  /**
   * null: Kontor or the provider.
   */
  by: OrderPerson | null
  /**
   * Id of the operation; null: of none.
   */
  operation: string | null
  /**
   * What a sentence about it names: `kind` and `bindingId` of an operation, the `platform` that ordered it, the provider's `description`, `plan`, `fields`, `endsAt`, `code` and `detail` of a refusal.
   */
  values: {
    [k: string]: unknown
  }
}
/**
 * An instance as the people of its organisation see it, whatever platform ordered it. Without parameters and credentials.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "instance".
 */
export interface InstanceView {
  /**
   * Kontor's id, which no other instance ever gets.
   */
  id: string
  /**
   * The platform's id of the instance.
   */
  instanceId: string
  /**
   * Its name on the platform, as the order's context said it; null: it said none.
   */
  name: string | null
  platform: Named
  platformKind: PlatformKind
  provider: Named
  /**
   * The organisation that it was ordered for, else that of the platform; null: neither has one.
   */
  organisation: Named | null
  offering: Named
  plan: Named
  state: InstanceState
  /**
   * false: a failed update or delete left it unusable, as the provider said.
   */
  usable: boolean
  /**
   * The operation of the instance that runs; null: none.
   */
  operation: RunningOperation | null
  /**
   * Number of its bindings.
   */
  bindings: number
  /**
   * As the people of its organisation set them.
   */
  labels: {
    [k: string]: string
  }
  /**
   * Who cares for it; null: nothing is set.
   */
  owner: InstanceOwner | null
  /**
   * Who pays for it; null: nothing is set.
   */
  costCentre: string | null
  /**
   * The provider's id of the instance.
   */
  upstreamId: string
  /**
   * Version of `maintenance_info`; null: the plan has none.
   */
  maintenanceVersion: string | null
  /**
   * The provider's page for it; null: none that people may follow. Only in the answer for a single instance.
   */
  dashboardUrl?: string | null
  createdAt: string
  updatedAt: string
  /**
   * null: it exists.
   */
  deletedAt: string | null
}
/**
 * Whether the tables that decide who is let in and what he may do are as Kontor wrote them.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "integrity".
 */
export interface IntegrityView {
  /**
   * False: a table was changed past Kontor. An operator looks at it and runs `kontor key reseal`.
   */
  isRight: boolean
  tables: {
    table: string
    /**
     * False: rows without a MAC count until `kontor key seal-rows` has sealed them.
     */
    isSealed: boolean
    isRight: boolean
    /**
     * Of all rows as they are now: `kontor key reseal` takes it, so that it accepts only what you have looked at.
     */
    digest?: string
    /**
     * Ids of rows that Kontor did not write as they are; at most 100.
     */
    damaged: string[]
    /**
     * What is wrong, in sentences; at most 101.
     */
    findings: string[]
  }[]
}
/**
 * A role that waits for a person.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "invitation".
 */
export interface InvitationView {
  id: string
  organisation: Named
  role: PersonRole
  email: string | null
  issuer: string | null
  subject: string | null
  state: 'open' | 'accepted' | 'expired'
  expiresAt: string
  createdAt: string
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
   * basic: user name and password. bearer: tokens of an issuer for a subject. mtls: client certificates with a name.
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
   * When the platform last signed in with it, to the minute; null: never.
   */
  lastUsedAt: string | null
  /**
   * Only of basic, and only here: Kontor stores no password and never shows it again.
   */
  password?: string
}
/**
 * A new token. Its text is shown only here.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "issued-token".
 */
export interface IssuedToken {
  id: string
  person: PersonView
  name: string
  /**
   * read: only GET. full: all that the person's roles allow, but not tokens.
   */
  access: 'read' | 'full'
  /**
   * It counts only there and below; null: wherever the person has a role. Those outside your access scope are left out.
   */
  organisations: Named[] | null
  /**
   * It has only these; null: all that the person has.
   */
  roles: PersonRole[] | null
  expiresAt: string
  createdAt: string
  /**
   * Written once a minute; null: never used.
   */
  lastUsedAt: string | null
  /**
   * For the header Authorization, as a bearer token.
   */
  token: string
}
/**
 * A person who has signed in. Name and mail address are as the issuer said them last.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "person".
 */
export interface PersonView {
  id: string
  /**
   * The claim `iss` of the person's tokens.
   */
  issuer: string
  /**
   * The claim `sub` of the person's tokens.
   */
  subject: string
  /**
   * Null when the issuer's tokens have no name.
   */
  name: string | null
  /**
   * Null when the issuer's tokens have no mail address.
   */
  email: string | null
}
/**
 * A mail to a person. Its address and its text are not shown.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "mail".
 */
export interface MailView {
  id: string
  kind: MailKindName
  state: MailStateName
  /**
   * Id of the person whom it is for; null: one who is invited.
   */
  person: string | null
  createdAt: string
  /**
   * When Kontor tries to send it next; null: never.
   */
  nextAttemptAt: string | null
  attempts: number
  /**
   * Why the last attempt failed, or why it was not sent.
   */
  reason: string | null
  endedAt: string | null
}
/**
 * Maps a Cloud Foundry organisation or a Kubernetes namespace of a platform to an organisation.
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
   * The platform's own id of that Cloud Foundry organisation or namespace.
   */
  externalId: string
  organisation: Named
  createdAt: string
}
/**
 * The person who asks, and what that person may do.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "me".
 */
export interface Me {
  id: string
  /**
   * The claim `iss` of the person's tokens.
   */
  issuer: string
  /**
   * The claim `sub` of the person's tokens.
   */
  subject: string
  /**
   * As the issuer said it last; null when its tokens have no name.
   */
  name: string | null
  /**
   * As the issuer said it last; null when its tokens have no mail address.
   */
  email: string | null
  language: Language
  /**
   * Of what Kontor writes a mail to the person.
   */
  notifications: {
    'order-accepted': boolean
    'order-ready': boolean
    'order-failed': boolean
    'order-ending': boolean
    'binding-renewal': boolean
  }
  /**
   * Roles of Kontor itself that the claims of the token grant.
   */
  duties: ('operator' | 'provider' | 'agency' | 'auditor')[]
  /**
   * Roles in organisations, each with all organisations below. None of them counts while the organisation, or one above it, is suspended or retired.
   */
  roles: {
    organisation: Named
    role: PersonRole
    /**
     * Whether Kontor has it as a membership, or the issuer's claims grant it.
     */
    from: 'membership' | 'claims'
  }[]
}
/**
 * A role of a person in an organisation and in all organisations below it.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "membership".
 */
export interface MembershipView {
  id: string
  person: PersonView
  organisation: Named
  role: PersonRole
  createdAt: string
}
/**
 * An operation as an operator sees it, without parameters and credentials.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "operation".
 */
export interface OperationView {
  /**
   * Also the `operation` in the answer to the platform.
   */
  id: string
  kind: OperationKindName
  state: OperationStateName
  /**
   * The operation makes no progress: its next step or its lease is a minute overdue, it needed ten retries, three internal errors interrupted it, or its deadline has passed.
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
  offering: Named1
  plan: Named2
  upstream: UpstreamIds
  /**
   * Counts the claims; a result counts only with the newest one.
   */
  fencingToken: number
  /**
   * Retries in the present state.
   */
  retries: number
  /**
   * Internal errors of Kontor since the last successful step.
   */
  internalErrors: number
  /**
   * Whether the platform accepts an asynchronous answer (accepts_incomplete).
   */
  acceptsIncomplete: boolean
  /**
   * The description in answers to the platform.
   */
  description: string | null
  /**
   * Error code of a failed operation.
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
   * While this is in the future, a process works on it.
   */
  leaseUntil: string | null
  /**
   * Until then, a call without an answer may still take effect at the provider.
   */
  inDoubtUntil: string | null
  deadlineAt: string
  finishedAt: string | null
  /**
   * Its orphans at the provider, at most 100; only in the answer for a single operation.
   */
  orphans?: OrphanView[]
}
/**
 * An object's id and name.
 */
export interface Named1 {
  id: string
  name: string
}
/**
 * An object's id and name.
 */
export interface Named2 {
  id: string
  name: string
}
/**
 * The ids at the provider.
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
 * A resource that an order may have left at a provider, and that belongs to no instance or binding.
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
   * The operation that may have left it; Kontor removes nothing while that operation runs.
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
   * Failed attempts to remove it.
   */
  retries: number
  /**
   * The provider's last answer.
   */
  answer: string | null
  createdAt: string
  updatedAt: string
  /**
   * When Kontor tries to remove it next; null in an open orphan: after an operator's decision.
   */
  nextRetryAt: string | null
  /**
   * While this is in the future, a process is removing it.
   */
  leaseUntil: string | null
  /**
   * Until then the resource may still appear, so "it is gone" does not end the orphan.
   */
  inDoubtUntil: string | null
  endedAt: string | null
}
/**
 * Body of an operator's action on an operation, an orphan, an organisation or a platform.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "operator-reason".
 */
export interface OperatorReason {
  /**
   * The reason, for the audit log.
   */
  reason: string
}
/**
 * A binding that was ordered.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-binding".
 */
export interface OrderBinding {
  /**
   * Of the order.
   */
  number: string
  /**
   * Of the binding.
   */
  id: string
}
/**
 * What a cancellation does, or would do.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-cancellation".
 */
export interface OrderCancellation {
  number: string
  /**
   * To be typed once more.
   */
  instanceName: string
  /**
   * As the terms were shown; null: the provider states none.
   */
  noticeDays: number | null
  /**
   * The same.
   */
  minimumTermMonths: number | null
  /**
   * When its instance ends: after the notice and the minimum term, or as it was cancelled.
   */
  endsAt: string
  /**
   * Until when its data can be fetched after that; null: the provider does not say.
   */
  retainedUntil: string | null
  cancelled: boolean
  /**
   * It was cancelled, and its end has not come.
   */
  withdrawable: boolean
}
/**
 * A dry run of an order: nothing is ordered or written.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-check".
 */
export interface OrderCheck {
  number: string
  /**
   * Of the draft that was checked.
   */
  changedAt: string
  /**
   * There are no problems.
   */
  orderable: boolean
  /**
   * All that hinders it; of the parameters up to 20 errors at once, each with its field.
   */
  problems: OrderProblem[]
  price: PlanPrice
  terms: OrderTerms
  /**
   * The price or the terms differ from those that the order shows.
   */
  priceChanged: boolean
  /**
   * Names this price and these terms: send it with the submission to accept changed ones.
   */
  priceTag: string
}
/**
 * Why an order cannot be submitted as it is.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-problem".
 */
export interface OrderProblem {
  /**
   * For programs and translations: missing, cost_centre_unknown, protection_exceeded, protection_unknown, price_changed, or the code of a problem type.
   */
  code: string
  /**
   * JSON pointer into the order, such as `/parameters/users`; null: of none.
   */
  field: string | null
  /**
   * What a sentence about it names; of parameters the `keyword` of JSON Schema with its values.
   */
  values: {
    [k: string]: unknown
  }
  detail: string
}
/**
 * Terms of the plan as they were shown. Null: the provider states none.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-terms".
 */
export interface OrderTerms {
  minimumTermMonths: number | null
  /**
   * Between the cancellation and its end.
   */
  noticeDays: number | null
  /**
   * How long its data can be fetched after the end.
   */
  retainDays: number | null
  /**
   * The highest protection need that the offering meets.
   */
  protection: 'normal' | 'hoch' | 'sehr_hoch' | null
}
/**
 * An order, without its parameters.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-item".
 */
export interface OrderItem {
  id: string
  /**
   * What people read out: no letters that look or sound alike.
   */
  number: string
  state: 'draft' | 'submitted' | 'discarded'
  /**
   * How it goes on, read from the operations of its instance. submitted: not yet ordered at the provider; waiting: a person must look at it, at the provider's or at Kontor's; failed: it came to nothing.
   */
  progress:
    | 'draft'
    | 'discarded'
    | 'submitted'
    | 'waiting'
    | 'provisioning'
    | 'ready'
    | 'changing'
    | 'ending'
    | 'ended'
    | 'failed'
  organisation: Named
  orderedBy: OrderPerson
  provider: CatalogProvider
  offering: OrderChoice
  plan: OrderChoice
  price: PlanPrice
  terms: OrderTerms
  /**
   * When names, price and terms were as shown here.
   */
  shownAt: string
  /**
   * Its instance; `name` is null until one is chosen.
   */
  instance: {
    id: string
    name: string | null
  }
  purpose: string | null
  costCentre: string | null
  protectionNeed: 'normal' | 'hoch' | 'sehr_hoch' | null
  beneficiary: Named
  invoiceRecipient: Named
  createdAt: string
  changedAt: string
  submittedAt: string | null
  /**
   * When a draft is deleted; null once it is submitted.
   */
  expiresAt: string | null
  /**
   * When its instance ends, because it was cancelled; null: it was not.
   */
  endsAt: string | null
}
/**
 * RFC 9457 problem details of a submission that is refused: the order stays a draft.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-refusal".
 */
export interface OrderRefusal {
  type: string
  title: string
  status: number
  detail: string
  instance: string
  problems: OrderProblem[]
  [k: string]: unknown
}
/**
 * Who did what with an order and what became of it, oldest first.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order-timeline".
 */
export interface OrderTimeline {
  number: string
  /**
   * How it goes on, read from the operations of its instance. submitted: not yet ordered at the provider; waiting: a person must look at it, at the provider's or at Kontor's; failed: it came to nothing.
   */
  progress:
    | 'draft'
    | 'discarded'
    | 'submitted'
    | 'waiting'
    | 'provisioning'
    | 'ready'
    | 'changing'
    | 'ending'
    | 'ended'
    | 'failed'
  /**
   * Of the operation that runs, as those of its plan usually take; null: none runs, or it is not known.
   */
  expectedEnd: string | null
  entries: OrderTimelineEntry[]
}
/**
 * An order of a person for an organisation.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "order".
 */
export interface OrderView {
  id: string
  /**
   * What people read out: no letters that look or sound alike.
   */
  number: string
  state: 'draft' | 'submitted' | 'discarded'
  /**
   * How it goes on, read from the operations of its instance. submitted: not yet ordered at the provider; waiting: a person must look at it, at the provider's or at Kontor's; failed: it came to nothing.
   */
  progress:
    | 'draft'
    | 'discarded'
    | 'submitted'
    | 'waiting'
    | 'provisioning'
    | 'ready'
    | 'changing'
    | 'ending'
    | 'ended'
    | 'failed'
  organisation: Named
  orderedBy: OrderPerson
  provider: CatalogProvider
  offering: OrderChoice
  plan: OrderChoice
  price: PlanPrice
  terms: OrderTerms
  /**
   * When names, price and terms were as shown here.
   */
  shownAt: string
  /**
   * Its instance; `name` is null until one is chosen.
   */
  instance: {
    id: string
    name: string | null
  }
  purpose: string | null
  costCentre: string | null
  protectionNeed: 'normal' | 'hoch' | 'sehr_hoch' | null
  beneficiary: Named
  invoiceRecipient: Named
  createdAt: string
  changedAt: string
  submittedAt: string | null
  /**
   * When a draft is deleted; null once it is submitted.
   */
  expiresAt: string | null
  /**
   * When its instance ends, because it was cancelled; null: it was not.
   */
  endsAt: string | null
  /**
   * As they were ordered, without secrets; null: none, or the reader may not order for the organisation.
   */
  parameters: {
    [k: string]: unknown
  } | null
  /**
   * Why the last submission was refused by a later check than the dry run; empty: it was not.
   */
  problems: OrderProblem[]
}
/**
 * An organisation that orders, in the tree of organisations.
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
   * Its parent; null at the top, and for callers who may not see the parent.
   */
  parent: Named | null
  leitwegId: string | null
  costCentres: CostCentre[]
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
   * The organisation that an order would be for; null: none.
   */
  organisation: Named | null
  items: {
    offering: Named
    plan: Named
    /**
     * Whether any organisation that orders through this platform may order it.
     */
    inCatalog: boolean
    /**
     * Whether this organisation may order it.
     */
    mayOrder: boolean
    /**
     * open, closed: no rule names it, so KONTOR_VISIBILITY decides. not_allowed: allow rules match others only.
     */
    because: 'open' | 'closed' | 'denied' | 'allowed' | 'not_allowed'
    /**
     * Ids of the rules that decided.
     */
    rules: string[]
  }[]
}
/**
 * A platform that may order. Its credentials have a list of their own.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "platform".
 */
export interface PlatformView {
  id: string
  name: string
  displayName: string
  /**
   * Its kind; console: people of its organisation order through it, in the console and at /api/orders. It takes no credentials.
   */
  kind: 'cloudfoundry' | 'kubernetes' | 'other' | 'console'
  /**
   * null: not set.
   */
  organisation: Named | null
  state: TenantState
  createdAt: string
  updatedAt: string
}
/**
 * RFC 9457 problem details: body of every 4xx and 5xx below /api.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "problem".
 */
export interface Problem {
  /**
   * Path of a page that says what the problem means and what to do.
   */
  type: string
  /**
   * The kind of problem, always the same for a type.
   */
  title: string
  status: number
  /**
   * What is wrong this time, for people.
   */
  detail?: string
  /**
   * The path that was asked for.
   */
  instance?: string
  [k: string]: unknown
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
   * Networks that its addresses must be in; empty: all that Kontor may connect to.
   */
  allowedNetworks: string[]
  /**
   * Ports that its addresses must have; empty: any.
   */
  allowedPorts: number[]
  /**
   * Origins of settings.url and credentials.tokenUrl that no operator has approved. While there are any, Kontor reads only the catalog there (its circuit is open, orders wait or get 503, and it does not reconcile), and the role provider sees neither why a reading failed nor its findings.
   */
  unapprovedOrigins: string[]
  /**
   * false: pass-through credentials; Kontor does not store them.
   */
  storeBindingCredentials: boolean
  /**
   * Since when Kontor deletes the credentials that it stored before storeBindingCredentials became false; until it is null, some may still be stored.
   */
  deletingBindingCredentialsSince: string | null
  /**
   * Why Kontor sends nothing to the provider, not even for its catalog: its stored credentials do not open for its row. Only while that lasts. Check the registration, and send settings and credentials together.
   */
  credentialsProblem?: string
  mitigation: 'automatic' | 'retain' | 'manual'
  /**
   * Only with mitigation retain.
   */
  mitigationRetainHours?: number
  /**
   * A draining provider is hidden from the catalog and still serves its instances; when they are gone, DELETE removes it.
   */
  state: 'active' | 'draining'
  /**
   * The provider's circuit. Each process has one; this is the worst of them.
   */
  circuit: {
    /**
     * open: calls failed repeatedly, so Kontor sends nothing for a while, or an operator has yet to approve an origin; asynchronous orders wait, others get 503. half_open: the next call decides. closed: Kontor calls the provider.
     */
    state: 'closed' | 'open' | 'half_open'
    /**
     * When it last opened or closed; null: unknown.
     */
    since: string | null
    /**
     * When Kontor tries the next call; only while it is not closed, and absent while it waits for an approval.
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
     * How many offerings or plans are published.
     */
    offerings: number
    plans: number
    /**
     * When the catalog was last read without a failure.
     */
    checkedAt?: string | null
    changedAt?: string | null
    /**
     * The last read failed; the last good copy stays published.
     */
    stale: boolean
    /**
     * Why the last read failed.
     */
    error?: string | null
    quarantine?: CatalogQuarantine1
    findings: CatalogFinding[]
  }
}
/**
 * A catalog that the provider sent and Kontor does not publish until an operator confirms it, because it would withdraw what is in use. The last good copy stays published. It ends by itself when the plans come back.
 */
export interface CatalogQuarantine1 {
  /**
   * empty: nothing could be published. ids_changed: all ids are new, under the same names. plans_lost: plans with instances are gone.
   */
  reason: 'empty' | 'ids_changed' | 'plans_lost'
  problem: string
  /**
   * When a catalog of this provider was first quarantined.
   */
  since: string
  /**
   * Of what would be lost. A confirmation that names it holds for this loss only, whatever else changes in the catalog.
   */
  digest: string
  /**
   * confirmed: Kontor publishes it at the next reading. rejected: the last good copy stays, and the metric no longer counts it. null: it waits for a decision.
   */
  decision: 'confirmed' | 'rejected' | null
  /**
   * How many plans with instances the catalog lacks.
   */
  lostPlans: number
  /**
   * The first 50 of them.
   */
  lost: {
    offering: string
    plan: string
    liveInstances: number
  }[]
  /**
   * How many plans have other ids under the same names.
   */
  changedPlans: number
  /**
   * The first 50 of them, with the provider's own ids before and now.
   */
  changedIds: {
    offering: string
    plan: string
    from: PlanIds
    to: PlanIds
  }[]
}
/**
 * How many instances are allowed, and how many exist.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "quota".
 */
export interface QuotaView {
  id: string
  /**
   * null: all organisations together.
   */
  organisation: Named | null
  provider: Named | null
  offering: Named | null
  plan: Named | null
  instances: number
  /**
   * Instances that exist, are being created, or are changing to the plan; failed ones do not count.
   */
  taken: number
  comment: string | null
  createdAt: string
  updatedAt: string
}
/**
 * One reconciliation of Kontor's records with a provider.
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
   * true: the provider listed its resources. false: Kontor asked for each of its own, which cannot find unknown ones.
   */
  byListing: boolean | null
  instancesChecked: number
  bindingsChecked: number
  /**
   * Skipped: the provider does not answer for them or is working on them, or an order began or ended meanwhile.
   */
  skipped: number
  /**
   * Skipped: the provider gave no usable answer.
   */
  unclear: number
  /**
   * Findings beyond the 10,000 of each kind that stay open.
   */
  leftOut: number
  /**
   * Why it failed.
   */
  error: string | null
}
/**
 * Body of POST /api/registrations/{id}/refuse.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "refuse-registration".
 */
export interface RefuseRegistration {
  /**
   * For the person who asked, and for the audit log.
   */
  reason: string
}
/**
 * What a person asked for, and what came of it.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "registration".
 */
export interface RegistrationView {
  id: string
  person: PersonView
  agency?: AgencyRegistration
  join?: JoinRegistration
  state: RegistrationState
  /**
   * The organisation in which the person has a role now; null unless it was accepted.
   */
  organisation: Named | null
  /**
   * Why it was refused.
   */
  reason: string | null
  createdAt: string
  /**
   * Null while it is pending.
   */
  decidedAt: string | null
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
 * Body of PUT /api/quotas: how many instances may exist that match all given fields. One quota exists per combination, so a second PUT changes it.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "set-quota".
 */
export interface SetQuota {
  /**
   * Id or name; with its subtree. Absent: all organisations together.
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
   * How many instances may exist. Below the present number, existing instances stay and new orders are refused.
   */
  instances: number
  /**
   * For operators and the audit log.
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
   * The state that the operator found at the provider. succeeded: the order took effect, or the deleted resource is gone. failed: a provision or bind left nothing, an update had no effect, or the resource to delete is still there.
   */
  outcome: 'succeeded' | 'failed'
  /**
   * The reason, for the audit log.
   */
  reason: string
}
/**
 * Body of POST /api/orders/:number/submit.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "submit-order".
 */
export interface SubmitOrder {
  /**
   * Of the check whose price and terms are accepted: refused when they are others by now. Needed only for what has changed since it was shown.
   */
  priceTag?: string
  /**
   * Of the draft that was read: refused with 409 when it has been changed since. Absent: whatever it is now.
   */
  changedAt?: string
}
/**
 * A personal API token, without its secret.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "token".
 */
export interface TokenView {
  id: string
  person: PersonView
  name: string
  /**
   * read: only GET. full: all that the person's roles allow, but not tokens.
   */
  access: 'read' | 'full'
  /**
   * It counts only there and below; null: wherever the person has a role. Those outside your access scope are left out.
   */
  organisations: Named[] | null
  /**
   * It has only these; null: all that the person has.
   */
  roles: PersonRole[] | null
  expiresAt: string
  createdAt: string
  /**
   * Written once a minute; null: never used.
   */
  lastUsedAt: string | null
}
/**
 * Body of PATCH /api/instances/{id}. Absent fields stay unchanged; null takes a value away.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "update-instance".
 */
export interface UpdateInstance {
  /**
   * Labels to set, or with null to take away; others stay. Keys and values are those of Kubernetes labels. An instance has at most 32.
   */
  labels?: {
    [k: string]: string | null
  }
  /**
   * Id of a person with a role in the instance's organisation, who then cares for it; takes the place of `owner`.
   */
  ownerId?: string | null
  /**
   * Who cares for it, as text; takes the place of `ownerId`.
   */
  owner?: string | null
  /**
   * Who pays for it.
   */
  costCentre?: string | null
}
/**
 * Body of PATCH /api/people/me.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "update-me".
 */
export interface UpdateMe {
  language?: Language
  /**
   * Of what Kontor writes a mail to the person; what is absent stays.
   */
  notifications?: {
    'order-accepted'?: boolean
    'order-ready'?: boolean
    'order-failed'?: boolean
    'order-ending'?: boolean
    'binding-renewal'?: boolean
  }
}
/**
 * Body of PATCH /api/memberships/{id}.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "update-membership".
 */
export interface UpdateMembership {
  role: PersonRole
}
/**
 * Body of PATCH /api/orders/:number. Absent fields stay unchanged. Names, price and terms become those of now.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "update-order".
 */
export interface UpdateOrder {
  /**
   * Published id of another plan of the offering, or its name.
   */
  plan?: string
  /**
   * Name of the instance for people. Null: none.
   */
  instanceName?: string | null
  /**
   * As the plan's schema describes them. A secret (writeOnly, or of the format password) that is left out stays as it is. Null: none.
   */
  parameters?: {
    [k: string]: unknown
  } | null
  /**
   * What it is needed for. Null: none.
   */
  purpose?: string | null
  /**
   * Id of a cost centre of the organisation or of one above it. Null: none.
   */
  costCentre?: string | null
  /**
   * At most the protection that the offering states. Null: not chosen.
   */
  protectionNeed?: 'normal' | 'hoch' | 'sehr_hoch' | null
  /**
   * Name or id of the organisation that uses it; the one that orders by default.
   */
  beneficiary?: string
  /**
   * Name or id of the organisation that pays; the one that orders by default.
   */
  invoiceRecipient?: string
  /**
   * Of the draft that was read: refused with 409 when it has been changed since. Absent: whatever it is now.
   */
  changedAt?: string
}
/**
 * Body of PATCH /api/organisations/:id. Absent fields stay unchanged; cost centres are replaced as a whole.
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
   * Name or id of its new parent; null: it moves to the top. Its subtree moves with it.
   */
  parent?: string | null
  /**
   * null: none.
   */
  leitwegId?: string | null
  /**
   * Its cost centres, by which invoices are split. Each id once.
   *
   * @maxItems 200
   */
  costCentres?: CostCentre[]
}
/**
 * Body of PATCH /api/platforms/:id. Absent fields stay unchanged. Existing instances stay with the organisation that they were ordered for.
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
 * Body of PATCH /api/providers/:id. Absent fields stay unchanged; settings and credentials are replaced as a whole. Another origin in settings.url, or another settings.tlsCa, needs credentials in the same body: Kontor never sends stored credentials to an address that they were not given for. The role provider may send displayName, settings, credentials, refreshSeconds and reconcileSeconds; of the settings it changes url, apiVersion and tlsCa, and the others keep the operator's values. An operator who changes an origin in settings or credentials approves it; one that stays needs POST /api/providers/:id/approve-origins.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "update-provider".
 */
export interface UpdateProvider {
  displayName?: string
  settings?: OsbSettings
  /**
   * Settings of the kind of back end; an error names the field.
   */
  credentials?:
    | OsbCredentials
    | {
        [k: string]: unknown
      }
  concurrency?: number
  refreshSeconds?: number
  reconcileSeconds?: number
  /**
   * @maxItems 100
   */
  allowedNetworks?: string[]
  /**
   * @maxItems 100
   */
  allowedPorts?: number[]
  /**
   * false also deletes the stored credentials, as many as a few seconds allow before the answer and the rest afterwards: see deletingBindingCredentialsSince. true ends a deletion that is under way; what is still stored stays.
   */
  storeBindingCredentials?: boolean
  /**
   * A change away from retain clears mitigationRetainHours.
   */
  mitigation?: 'automatic' | 'retain' | 'manual'
  mitigationRetainHours?: number
}
/**
 * Body of PATCH /api/visibility-rules/:id. Absent fields stay unchanged; `who` and `what` are replaced as a whole.
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
 * A rule about which plans platforms see and may order.
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
 * Body of 200 to GET <url><inventoryPath>?page=...: one page of the instances that a broker holds for Kontor. Kontor's extension of the Open Service Broker API.
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
     * Ids of all its bindings; absent: unknown.
     *
     * @maxItems 20000
     */
    bindings?: string[]
    [k: string]: unknown
  }[]
  /**
   * Sent as ?page= for the next page; absent, null or empty: this is the last page.
   */
  next?: string
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
   * true: Kontor does not start on a database that takes rows and values as releases up to 0.2 write them, and `kontor audit verify` fails for it. Set it once `kontor key seal-rows` has ended; a new database takes none from the beginning.
   */
  KONTOR_REQUIRE_SEALED?: 'true' | 'false'
  /**
   * Networks, besides the public ones, in which Kontor may call providers and their token endpoints, and the only ones in which it may call them without TLS: CIDR ranges and addresses, separated by commas (10.20.0.0/16,fd00:1::/32,192.168.1.7).
   */
  KONTOR_PROVIDER_NETWORKS?: string
  /**
   * Which dashboard_url of providers Kontor passes on: https (the default) or, with http, both. http: at an address in KONTOR_PROVIDER_NETWORKS is passed on in any case.
   */
  KONTOR_DASHBOARDS?: 'https' | 'http'
  /**
   * Lowest level that is logged; checkpoints of the audit log are logged at every level but silent.
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
   * Largest catalog, and largest page of a list of instances, that Kontor reads from a provider, in bytes; a provider's own maxCatalogBytes can only lower it.
   */
  KONTOR_MAX_CATALOG_BYTES?: number
  /**
   * Largest other answer of a provider, in bytes; a provider's own maxResponseBytes can only lower it.
   */
  KONTOR_MAX_RESPONSE_BYTES?: number
  /**
   * Maximum number of offerings in the catalog of one provider. Of a catalog with more, Kontor publishes nothing new.
   */
  KONTOR_MAX_OFFERINGS?: number
  /**
   * Maximum number of plans in the catalog of one provider. Of a catalog with more, Kontor publishes nothing new.
   */
  KONTOR_MAX_PLANS?: number
  /**
   * Maximum number of plans of one offering; Kontor withholds an offering with more.
   */
  KONTOR_MAX_PLANS_PER_OFFERING?: number
  /**
   * Largest offering, without its plans, in bytes; Kontor withholds a larger one.
   */
  KONTOR_MAX_OFFERING_BYTES?: number
  /**
   * Largest plan, with its three schemas of up to 64 kB each, in bytes; Kontor withholds a larger one.
   */
  KONTOR_MAX_PLAN_BYTES?: number
  /**
   * Maximum number of findings that Kontor keeps of one reading of a catalog.
   */
  KONTOR_MAX_FINDINGS?: number
  /**
   * Maximum number of withdrawn plans of one provider that Kontor keeps though nothing needs them; beyond that the oldest go.
   */
  KONTOR_MAX_WITHDRAWN?: number
  /**
   * Maximum number of open connections of one process; for a further one Kontor closes one that sends slowly or is idle, or the new one.
   */
  KONTOR_MAX_CONNECTIONS?: number
  /**
   * Maximum number of open streams of events of one process.
   */
  KONTOR_MAX_STREAMS?: number
  /**
   * Maximum number of open streams of events of one person at one process.
   */
  KONTOR_MAX_STREAMS_OF_PERSON?: number
  /**
   * How long a request may take to arrive, its headers half of that; and how long a client may read nothing of an answer.
   */
  KONTOR_REQUEST_SECONDS?: number
  /**
   * Addresses and networks, separated by commas, whose X-Forwarded-For Kontor trusts; also loopback, linklocal and uniquelocal.
   */
  KONTOR_TRUSTED_PROXIES?: string
  /**
   * Scheme and host under which browsers reach Kontor, such as https://kontor.example. Needed when people sign in to the console and Kontor listens beyond this machine.
   */
  KONTOR_PUBLIC_URL?: string
  /**
   * How long a person stays signed in to the console at most.
   */
  KONTOR_SESSION_SECONDS?: number
  /**
   * After how long without use a person is signed out of the console.
   */
  KONTOR_SESSION_IDLE_SECONDS?: number
  /**
   * Where readers of the console report barriers: an e-mail address or an https URL, shown in the accessibility statement.
   */
  KONTOR_CONTACT?: string
  /**
   * The server that takes Kontor's mail: smtp://user@host:587 or smtps://user@host:465. Its password stands in KONTOR_SMTP_PASSWORD_FILE. Not set: Kontor sends no mail, and writes none.
   */
  KONTOR_SMTP_URL?: string
  /**
   * File with the password for KONTOR_SMTP_URL, read at each connection. Other users must not be able to change it, and should not be able to read it.
   */
  KONTOR_SMTP_PASSWORD_FILE?: string
  /**
   * required: smtp:// sends nothing without STARTTLS, the default unless the server is on this machine. optional: in clear where the server has no STARTTLS.
   */
  KONTOR_SMTP_TLS?: 'required' | 'optional'
  /**
   * The mail address that Kontor's mail comes from. Needed with KONTOR_SMTP_URL, as is KONTOR_PUBLIC_URL, to which its links lead.
   */
  KONTOR_MAIL_FROM?: string
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
   * How often Kontor writes a signed checkpoint of the audit log, if anything has changed.
   */
  KONTOR_CHECKPOINT_SECONDS?: number
  /**
   * File to which a process that does background work appends the checkpoints that it makes. A new file has mode 0600; one that is renamed is followed by a new one.
   */
  KONTOR_CHECKPOINTS_FILE?: string
  /**
   * Address to which a process that does background work posts the checkpoints that it makes, as JSON: https, or http on this machine. A user name and a password in it are sent as Basic authentication.
   */
  KONTOR_CHECKPOINTS_URL?: string
  /**
   * Key of the annotation of a Cloud Foundry organisation or a Kubernetes namespace that names the organisation it orders for.
   */
  KONTOR_ORGANISATION_ANNOTATION?: string
  [k: string]: unknown
}
/**
 * What a provider may say of a plan in `metadata.dvc` of its catalog. Each field stands alone: one that does not fit is left out, with a finding.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "listing-plan".
 */
export interface ListingPlan {
  i18n?: ListingTexts
  /**
   * The components of the price; without it, `metadata.costs` is read.
   *
   * @minItems 1
   * @maxItems 20
   */
  price?:
    | [ListingPrice]
    | [ListingPrice, ListingPrice]
    | [ListingPrice, ListingPrice, ListingPrice]
    | [ListingPrice, ListingPrice, ListingPrice, ListingPrice]
    | [ListingPrice, ListingPrice, ListingPrice, ListingPrice, ListingPrice]
    | [ListingPrice, ListingPrice, ListingPrice, ListingPrice, ListingPrice, ListingPrice]
    | [ListingPrice, ListingPrice, ListingPrice, ListingPrice, ListingPrice, ListingPrice, ListingPrice]
    | [ListingPrice, ListingPrice, ListingPrice, ListingPrice, ListingPrice, ListingPrice, ListingPrice, ListingPrice]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
    | [
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice,
        ListingPrice
      ]
  minTermMonths?: number
  approval?: 'none' | 'single' | 'two-step'
  /**
   * @maxItems 8
   */
  extraChecks?:
    | []
    | ['isb' | 'dpo' | 'staff-council' | 'procurement']
    | ['isb' | 'dpo' | 'staff-council' | 'procurement', 'isb' | 'dpo' | 'staff-council' | 'procurement']
    | [
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement'
      ]
    | [
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement'
      ]
    | [
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement'
      ]
    | [
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement'
      ]
    | [
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement'
      ]
    | [
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement',
        'isb' | 'dpo' | 'staff-council' | 'procurement'
      ]
  fulfilment?: {
    kind: 'osb-broker' | 'helm-gitops' | 'kubernetes-operator' | 'terraform' | 'manual-ticket'
    expectedHours?: number
    [k: string]: unknown
  }
  lifecycle?: {
    state: 'active' | 'deprecated' | 'withdrawn'
    endOfSale?: ListingDate
    endOfLife?: ListingDate
    successorPlanId?: string
    [k: string]: unknown
  }
  [k: string]: unknown
}
/**
 * One component of a plan's price, as a provider states it. Amounts are decimal strings, never floating-point numbers.
 *
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "listing-price".
 */
export interface ListingPrice {
  /**
   * fixed: per period. per_unit: for each unit of a parameter. metered: for what is used. tiered: a price per unit that falls with the quantity. one_time: once, such as a set-up.
   */
  kind: 'fixed' | 'per_unit' | 'metered' | 'tiered' | 'one_time'
  /**
   * What the price is for, such as `MONTHLY`, `per user MONTHLY` or `GB MONTHLY`.
   */
  unit?: string
  net: ListingAmount
  /**
   * ISO 4217.
   */
  currency: string
  /**
   * JSON pointer to the parameter of the order that the price is multiplied with, such as `/users`.
   */
  parameter?: string
  /**
   * For `tiered`: the price per unit up to each quantity, in ascending order; null: any quantity.
   *
   * @minItems 1
   * @maxItems 20
   */
  tiers?:
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
    | [
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        },
        {
          upTo: number | null
          net: ListingAmount
          [k: string]: unknown
        }
      ]
  validFrom?: ListingDate
  validTo?: ListingDate
  [k: string]: unknown
}
/**
 * The issuers whose tokens Kontor trusts, and the meaning of their claims. Read at the start.
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
   * Exactly as in the claim `iss`. https; http only on this machine.
   */
  issuer: string
  /**
   * Its name in the audit log; by default the host of its address.
   */
  alias?: string
  /**
   * Accepted values of `aud`: the name of this Kontor at the issuer; one of several suffices.
   */
  audience: string | [string, ...string[]]
  /**
   * Address of its keys; by default from its discovery document.
   */
  jwksUri?: string
  /**
   * Accepted signature algorithms.
   *
   * @minItems 1
   */
  algorithms?: [
    'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519',
    ...('RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519')[]
  ]
  /**
   * `at+jwt`: only tokens with this type in their header (RFC 9068) are accepted as access tokens: the safe value, if the issuer supports it.
   */
  typ?: 'at+jwt' | 'any'
  /**
   * Allowed difference between its clock and Kontor's.
   */
  clockToleranceSeconds?: number
  /**
   * How long a token counts at most after it was issued (`iat`), whatever its `exp` is.
   */
  maxTokenAgeSeconds?: number
  /**
   * PEM file with the certificate authorities of its address, instead of the system's.
   */
  caFile?: string
  client?: OidcClient
  /**
   * The claim that identifies a platform; compared with the subject of its credentials.
   */
  platformClaim?: string
  /**
   * The claim with the roles: its name, or a path such as `realm_access.roles`; an array, or text with spaces between.
   */
  rolesClaim?: string
  /**
   * Maps values of rolesClaim to roles.
   */
  roles?: {
    [k: string]: 'operator' | 'provider' | 'agency' | 'auditor'
  }
  /**
   * The claim with the names of the organisations that an `agency` sees, each with its subtree.
   */
  organisationsClaim?: string
  /**
   * The claim with the names of the providers that a `provider` sees.
   */
  providersClaim?: string
  /**
   * A role named here is granted only if `acr` is one of these values.
   */
  acr?: {
    /**
     * @minItems 1
     */
    [k: string]: [string, ...string[]]
  }
}
/**
 * How Kontor is registered at the issuer, so that people sign in to the console there. Redirect URI: `<public URL>/sign-in/return`; back-channel logout: `<public URL>/oidc/back-channel-logout`.
 */
export interface OidcClient {
  /**
   * The client id, which is the `aud` of ID tokens.
   */
  id: string
  /**
   * The client secret; none for a public client.
   */
  secret?: string
  /**
   * The scopes that a sign-in asks for.
   */
  scope?: string
  /**
   * What people choose at the sign-in when there are several issuers; by default the alias.
   */
  label?: string
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
   * Deprecated in favour of bind_resource.app_guid. Empty: none.
   */
  app_guid?: string
  /**
   * The target of the credentials. Fields that are not named here are passed on.
   */
  bind_resource?: {
    /**
     * The application, or a wider scope of the platform. Empty: none.
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
 * The platform's context of an order. Opaque: kept and passed on whole.
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
  operation?: string
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
      }
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
   * A secret between the provider's broker and one platform; Kontor reads it and never publishes it.
   */
  dashboard_client?: {
    [k: string]: unknown
  }
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
 * JSON Schemas of a plan's parameters. Each names its draft by $schema, references nothing outside itself, and is at most 64 kB long; Kontor does not publish another one.
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
 * The maintenance version that the platform expects; only `version` counts. One that holds nothing but empty values counts as absent.
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
  operation?: string
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
   * One word; AsyncRequired, ConcurrencyError, RequiresApp and MaintenanceInfoConflict come from the specification.
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
 * Query of the two fetches: optional hints, never empty.
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
  dashboard_url?: string
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
 * Body of 200 to last_operation of a binding, without the fields that only an instance has.
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
  dashboard_url?: string
  /**
   * Only with 202: the value of `operation` for last_operation.
   */
  operation?: string
  metadata?: InstanceMetadata
  [k: string]: unknown
}
/**
 * Body of PATCH /v2/service_instances/:instance_id. Absent fields stay unchanged.
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
   * Absent: parameters stay unchanged.
   */
  parameters?: {
    [k: string]: unknown
  }
  maintenance_info?: MaintenanceInfo
  /**
   * The platform's view of the instance before the update: service_id, plan_id, organization_id, space_id, maintenance_info. Kontor's own record decides, so it checks none of it.
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
   * true: each answer has null in every optional field that it does not have.
   */
  nulls?: boolean
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
