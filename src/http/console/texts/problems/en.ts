import type { ErrorCode } from '../../../../errors.ts'

/** What an error means, and what to do about it. */
export const en: Readonly<Record<ErrorCode, readonly [meaning: string, action: string]>> = {
  invalid_request: [
    'A field or a parameter of the request is missing, or has a value that is not allowed.',
    'Read `detail`, which names the field, correct it, and send the request again.',
  ],
  unknown_plan: [
    'No plan with this id is in the catalog, or you may not see it.',
    'Read the catalog anew and take the ids from there.',
  ],
  plan_withdrawn: [
    'The provider has withdrawn the plan. Instances that have it stay, but no new ones are made.',
    'Choose another plan of the catalog.',
  ],
  not_offered: [
    'The plan exists, but rules do not allow this organisation or platform to order it.',
    'Ask the operator of Kontor for it, or choose another plan.',
  ],
  not_bindable: [
    'The plan has no bindings: its instances are used without credentials from here.',
    'Use the instance without a binding.',
  ],
  not_rotatable: [
    'The provider cannot replace the credentials of a binding of this plan.',
    'Create a new binding, move your application to it, and delete the old one.',
  ],
  invalid_parameters: [
    'The parameters do not fit the schema that the provider publishes for the plan.',
    'Read `detail`, which names the parameter, and the schema of the plan in the catalog.',
  ],
  too_large: [
    'The body of the request, or what it would store, is larger than Kontor accepts.',
    'Send less.',
  ],
  unauthorized: [
    'The request has no credentials, or credentials that are wrong, expired or revoked.',
    'Sign in again, or send valid credentials. `WWW-Authenticate` says of which kind.',
  ],
  forbidden: [
    'You have signed in, but your roles do not allow this.',
    'Ask an administrator of your organisation, or the operator, for the role.',
  ],
  missing_version: [
    'A request below /v2 must say which version of the Open Service Broker API it speaks.',
    'Send the header `X-Broker-API-Version`, such as 2.17.',
  ],
  unsupported_version: [
    'Kontor does not speak the version of the Open Service Broker API that the request names.',
    'Send a version that `detail` names.',
  ],
  not_found: [
    'There is nothing with this id or at this address, or it belongs to others.',
    'Check the id. Lists show what you may see.',
  ],
  not_retrievable: [
    'The provider does not let this be read again.',
    'Use what you got when it was created.',
  ],
  lost: [
    'Kontor had this answer once and can no longer give it.',
    'Create the binding anew, and tell the operator.',
  ],
  gone: ['It has been deleted already.', 'Nothing: it is gone.'],
  conflict: [
    'What you ask for does not go with what is there, such as a name that is taken.',
    'Read `detail`, look at the present state, and decide anew.',
  ],
  concurrency: [
    'Another operation on the same instance is under way. An instance has one at a time.',
    'Wait until it has ended, and send the request again.',
  ],
  async_required: [
    'The provider does this only asynchronously, and the request does not accept that.',
    'Send the request with `accepts_incomplete=true`.',
  ],
  requires_app: [
    'The plan can only be bound to an application.',
    'Name the application in the request.',
  ],
  maintenance_info_conflict: [
    'The request names a maintenance version that is not the one of the plan.',
    'Read the catalog anew and take the version from there.',
  ],
  plan_not_updateable: [
    'The provider does not let instances change to this plan.',
    'Order a new instance with the other plan and move your data.',
  ],
  quota_exceeded: [
    'The order would pass a limit that was set for your organisation or platform.',
    'Delete what is not needed, or ask the operator for a higher limit.',
  ],
  change_over_quota: [
    'The change would pass a limit that was set for your organisation or platform.',
    'Delete what is not needed, or ask the operator for a higher limit.',
  ],
  failed_instance: [
    'The instance could not be created or changed, so it cannot be used.',
    'Delete it and order it anew.',
  ],
  in_use: ['Other things depend on it, so it stays.', 'Remove what `detail` names first.'],
  rejected: [
    'The provider looked at the order and refused it.',
    'Read `detail`, which has its reason. Ask the provider if it is not clear.',
  ],
  unprocessable: [
    'The provider understood the order but cannot carry it out in the present state.',
    'Read `detail`, which has its reason. Ask the provider if it is not clear.',
  ],
  rate_limited: [
    'Many requests came in a short time, from you or from your address. Nothing was done.',
    'Wait as long as `Retry-After` says, and send the request again.',
  ],
  provider_unreachable: [
    'Kontor cannot connect to the provider.',
    'Try again later. The operator sees it too.',
  ],
  provider_unavailable: [
    'The provider has failed repeatedly, so Kontor does not call it for a moment.',
    'Wait as long as `Retry-After` says, and send the request again.',
  ],
  provider_failed: [
    'The provider answered with an error, or with something that is no valid answer.',
    'Try again later. If it stays, tell the operator.',
  ],
  provider_timeout: [
    'The provider did not answer in time. Kontor finds out what became of the order.',
    'Look at the state of the operation before you order again.',
  ],
  configuration: ['A setting of this Kontor is missing or wrong.', 'Tell the operator.'],
  unavailable: [
    'Kontor cannot reach its database, or cannot trust what stands there.',
    'Try again shortly. If it stays, tell the operator.',
  ],
  overloaded: [
    'Kontor has more to do than it can at present.',
    'Wait as long as `Retry-After` says, and send the request again.',
  ],
  internal: [
    'An error in Kontor itself.',
    'Try again. If it stays, tell the operator the time: the log has the cause.',
  ],
}
