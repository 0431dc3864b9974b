import type { OperationKindName } from '../types.gen.ts'

/** Actions that are recorded alike: a row of the table in docs/audit.md, which is made of these. */
interface RecordedActions {
  /** The actor; `a person` for people and machines at the management API. */
  readonly by: string
  readonly actions: ReadonlyArray<`${string}.${string}`>
  /** Of which `objectKind`. */
  readonly of: readonly string[]
  /** The outcomes, and what `details` hold, in Markdown. */
  readonly outcome: string
}

export const recordedActions = [
  {
    by: 'platform:ID',
    actions: ['instance.provision', 'instance.update', 'instance.deprovision'],
    of: ['instance'],
    outcome:
      '`accepted`, then `succeeded` or `failed` (`details.reason`; `abandoned`: its client had ' +
      'gone, and no call was made), between them perhaps ' +
      '`parked`; `details.confirmedBy` of a deletion: the `answer` of the provider, a `poll`, a ' +
      '`look-up` after a call without a usable answer, an `operator`, or `given-up` when an ' +
      'operator abandoned it',
  },
  {
    by: 'platform:ID',
    actions: ['binding.bind', 'binding.unbind'],
    of: ['binding'],
    outcome: 'the same',
  },
  { by: 'platform:ID', actions: ['credentials.read'], of: ['binding'], outcome: '`succeeded`' },
  {
    by: 'kontor',
    actions: ['instance.completed-late', 'instance.updated-late', 'instance.removed-late'],
    of: ['instance'],
    outcome: '`unknown`: a process made a call after another one had taken over its operation',
  },
  {
    by: 'kontor',
    actions: ['binding.completed-late', 'binding.removed-late'],
    of: ['binding'],
    outcome: 'the same',
  },
  {
    by: 'kontor',
    actions: ['orphan.removed'],
    of: ['instance', 'binding'],
    outcome: '`succeeded`',
  },
  {
    by: 'kontor',
    actions: ['ledger.corrected'],
    of: ['ledger'],
    outcome:
      '`succeeded`; the object is `instance`, what the ledger counts, and `details.accounts` ' +
      'the number of accounts that differed from the instances',
  },
  { by: 'kontor', actions: ['catalog.published'], of: ['provider'], outcome: '`succeeded`' },
  {
    by: 'kontor',
    actions: ['catalog.quarantined', 'catalog.released'],
    of: ['provider'],
    outcome: '`succeeded`; `details.reason` of the first says why the catalog is quarantined',
  },
  {
    by: 'a person',
    actions: ['provider.registered', 'provider.changed', 'provider.drained', 'provider.removed'],
    of: ['provider'],
    outcome:
      '`succeeded`; `details` hold the `origin` of a registration, of a change its ' +
      '`fields`, `credentialsReplaced`, `fromOrigin` and `toOrigin` if they differ, and ' +
      '`approvedOrigins` if those changed',
  },
  {
    by: 'a person',
    actions: ['provider.origins-approved'],
    of: ['provider'],
    outcome: '`succeeded`; `details` hold `approvedOrigins`, all that are approved now',
  },
  {
    by: 'a person',
    actions: ['provider.refreshed'],
    of: ['provider'],
    outcome:
      '`changed`, `unchanged`, `failed`, `superseded`, or `requested` when a worker reads ' +
      'it after the answer',
  },
  { by: 'a person', actions: ['provider.reconciled'], of: ['provider'], outcome: '`accepted`' },
  {
    by: 'a person',
    actions: ['catalog.confirmed', 'catalog.rejected'],
    of: ['provider'],
    outcome: '`succeeded`',
  },
  { by: 'a person', actions: ['finding.acknowledged'], of: ['finding'], outcome: '`succeeded`' },
  {
    by: 'a person',
    actions: ['organisation.created', 'organisation.changed'],
    of: ['organisation'],
    outcome: '`succeeded`; `details` hold the name, or the names of changed fields',
  },
  {
    by: 'a person',
    actions: ['organisation.suspended', 'organisation.resumed', 'organisation.retired'],
    of: ['organisation'],
    outcome: '`succeeded`; `details` hold from, to and the reason',
  },
  {
    by: 'a person',
    actions: ['platform.created', 'platform.changed'],
    of: ['platform'],
    outcome: '`succeeded`; `details` hold the name, or the names of changed fields',
  },
  {
    by: 'a person',
    actions: ['platform.suspended', 'platform.resumed', 'platform.retired'],
    of: ['platform'],
    outcome: '`succeeded`; `details` hold from, to and the reason',
  },
  {
    by: 'a person',
    actions: ['organisation.moved', 'platform.moved'],
    of: ['organisation', 'platform'],
    outcome:
      '`succeeded`; `details` hold `fromOrganisationId` and `toOrganisationId`, the ' +
      'organisation above it before and now',
  },
  {
    by: 'a person',
    actions: ['mapping.created', 'mapping.changed', 'mapping.removed'],
    of: ['platform'],
    outcome:
      '`succeeded`; `details` hold the Cloud Foundry organisation or Kubernetes ' +
      'namespace, and the organisation',
  },
  {
    by: 'a person',
    actions: ['credentials.issued', 'credentials.revoked'],
    of: ['platform'],
    outcome:
      "`succeeded`; `details` hold the credential's id and kind, and a `reason` where a " +
      'mapping, a new owner or a move in the tree ended a credential of an agency',
  },
  {
    by: 'a person',
    actions: ['visibility-rule.created', 'visibility-rule.changed', 'visibility-rule.removed'],
    of: ['visibility_rule'],
    outcome: '`succeeded`; `details` hold its content',
  },
  {
    by: 'a person',
    actions: ['order.drafted', 'order.changed', 'order.discarded', 'order.submitted'],
    of: ['order'],
    outcome:
      '`succeeded`; the object is the number of the order; `details` hold the offering and the ' +
      'plan, or the names of changed `fields`, and `priceChanged`; of a submission also the ids ' +
      'of `person`, `beneficiary`, `offering` and `plan`, the name of the `provider` and ' +
      '`retainDays`',
  },
  {
    by: 'a person',
    actions: [
      'order.change-requested',
      'order.upgrade-requested',
      'order.binding-requested',
      'order.unbind-requested',
      'order.cancelled',
      'order.cancellation-withdrawn',
    ],
    of: ['order'],
    outcome:
      '`succeeded`: asked for, before anything is done; `details` hold the new `plan`, whether ' +
      'there are `parameters`, the `version`, the `bindingId`, or when its instance ends ' +
      'and the id of the `person` who cancelled',
  },
  {
    by: 'kontor',
    actions: ['order.returned', 'order.request-refused'],
    of: ['order'],
    outcome:
      '`failed`: the provision refused a submitted order, so it is a draft again; or a change, ' +
      'an upgrade, an end, a binding or its deletion was refused; `details` hold the `code` and ' +
      'the `detail` of the refusal',
  },
  {
    by: 'a person',
    actions: ['credentials.revealed'],
    of: ['binding'],
    outcome: '`succeeded`: written before the person sees the credentials of the binding',
  },
  {
    by: 'a person',
    actions: ['instance.described'],
    of: ['instance'],
    outcome:
      '`succeeded`: labels, owner or cost centre were set; the object is the id in Kontor, ' +
      '`details.fields` the names of changed fields, `details.labels` the keys of changed labels',
  },
  {
    by: 'a person',
    actions: ['comparison.frozen'],
    of: ['comparison'],
    outcome:
      '`succeeded`; `details.digest` is that of the comparison, `details.plans` their number',
  },
  {
    by: 'a person',
    actions: ['quota.created', 'quota.changed', 'quota.removed'],
    of: ['quota'],
    outcome: '`succeeded`; `details` hold its content',
  },
  {
    by: 'a person',
    actions: ['session.began', 'session.ended'],
    of: ['session'],
    outcome:
      '`succeeded`: signed in to the console; signed out, the session ended by its person or by ' +
      'the issuer',
  },
  {
    by: 'a person',
    actions: ['operation.retried', 'operation.settled', 'operation.abandoned'],
    of: ['operation'],
    outcome: 'the new state; `details` hold from, to and the reason',
  },
  {
    by: 'a person',
    actions: ['orphan.removal-requested', 'orphan.forgotten'],
    of: ['orphan'],
    outcome: 'the new state; `details` hold from, to and the reason',
  },
  {
    by: 'a person',
    actions: ['request.refused'],
    of: ['route'],
    outcome:
      '`refused`: valid credentials, but no permission (403); one event for each actor ' +
      'and route in ten minutes, 200 at most in that time, per process',
  },
  {
    by: 'a person',
    actions: ['audit.read', 'audit.exported'],
    of: ['audit'],
    outcome:
      '`succeeded`; an export `accepted` when it begins, `succeeded` or `broken off` at ' +
      'its end; `details` hold the filters and the number of events',
  },
  {
    by: 'a person',
    actions: ['person.created'],
    of: ['person'],
    outcome: '`succeeded`: the first sign-in',
  },
  {
    by: 'a person',
    actions: ['membership.given', 'membership.changed', 'membership.removed'],
    of: ['membership'],
    outcome: '`succeeded`; `details` hold the id of the person and the role, or from and to',
  },
  {
    by: 'a person',
    actions: [
      'registration.requested',
      'registration.accepted',
      'registration.refused',
      'registration.withdrawn',
    ],
    of: ['registration'],
    outcome: '`succeeded`; `details` hold the `kind` of a request, and the `reason` of a refusal',
  },
  {
    by: 'a person',
    actions: ['invitation.created', 'invitation.revoked', 'invitation.accepted'],
    of: ['invitation'],
    outcome: '`succeeded`; `details` hold the role, and the id of the person who accepted',
  },
  {
    by: 'a person',
    actions: ['mail.retried'],
    of: ['mail'],
    outcome: '`succeeded`; `details` hold the `kind` of the mail',
  },
  {
    by: 'a person',
    actions: ['token.issued', 'token.revoked'],
    of: ['token'],
    outcome: '`succeeded`; `details` hold the id of the person, and of a new one what it may do',
  },
  {
    by: 'admin',
    actions: ['key.rotated'],
    of: ['key'],
    outcome:
      '`succeeded`, `incomplete`: some values do not open; `details` hold their number, ' +
      'and `all` of a rotation with `--all`',
  },
  {
    by: 'admin',
    actions: ['rows.sealed'],
    of: ['key'],
    outcome: '`succeeded`; `details` hold the number of rows of each table',
  },
  {
    by: 'admin',
    actions: ['rows.resealed'],
    of: ['key'],
    outcome:
      '`succeeded`; `details` hold the reason, the digest of the rows, their number, how ' +
      'many of them were accepted, and the ids of these (the first 100)',
  },
  {
    by: 'admin',
    actions: ['key.forgotten'],
    of: ['key'],
    outcome: '`succeeded`; `details` hold the reason',
  },
] as const satisfies readonly RecordedActions[]

export type AuditAction = (typeof recordedActions)[number]['actions'][number]

/** The action of an order, by the kind of its operation. */
export const orderActions = {
  provision: 'instance.provision',
  update: 'instance.update',
  deprovision: 'instance.deprovision',
  bind: 'binding.bind',
  unbind: 'binding.unbind',
} as const satisfies Record<OperationKindName, AuditAction>

/** The action of a call that was made after its operation's claim was lost. */
export const lateCallActions = {
  provision: 'instance.completed-late',
  update: 'instance.updated-late',
  deprovision: 'instance.removed-late',
  bind: 'binding.completed-late',
  unbind: 'binding.removed-late',
} as const satisfies Record<OperationKindName, AuditAction>
