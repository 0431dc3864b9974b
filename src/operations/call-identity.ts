import type { Operation } from './operation.ts'

/** Who caused a call, as the platform told it; kept with the operation, so that a deferred call carries it too. */
export function callIdentity(operation: Operation): {
  originatingIdentity?: string
  requestIdentity?: string
} {
  return {
    ...(operation.originatingIdentity === null
      ? {}
      : { originatingIdentity: operation.originatingIdentity }),
    ...(operation.requestIdentity === null ? {} : { requestIdentity: operation.requestIdentity }),
  }
}
