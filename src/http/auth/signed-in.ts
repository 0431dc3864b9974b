import type { FastifyRequest } from 'fastify'
import { BrokerError } from '../../errors.ts'
import type { Asker } from '../../people/asker.ts'
import type { SignedIn } from '../../people/person.ts'
import { callerOf } from './caller.ts'

/**
 * The person who sent a request to a route whose permission is `person`.
 * @throws BrokerError `forbidden` for the admin token, which is no person; `unavailable` while the
 *   rows of people were changed past Kontor
 */
export function signedInOf(request: FastifyRequest): SignedIn {
  const caller = callerOf(request)
  const { principal } = request
  if (principal?.kind === 'person' && principal.signedIn !== undefined)
    return { ...principal.signedIn, caller }
  if (principal?.kind === 'person' && principal.roles.has('person'))
    throw new BrokerError(
      'unavailable',
      'People were changed past Kontor. An operator must look at them first.',
      { retryAfterSeconds: 30 },
    )
  throw new BrokerError('forbidden', 'Only a person can do this, not the admin token.')
}

/** The person, or the machine, who asks for a change of what people may do. */
export function askerOf(request: FastifyRequest): Asker {
  const { principal } = request
  const signedIn = principal?.kind === 'person' ? principal.signedIn : undefined
  return { caller: callerOf(request), own: signedIn?.person.id, tokenId: signedIn?.tokenId }
}
