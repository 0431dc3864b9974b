import type { Operation } from './operation.ts'

/**
 * The identity headers of the request behind a call. They are kept with the operation, so that a
 * deferred call carries them too.
 */
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
