import type { Json } from './types.ts'

/** Thrown by a verb for every answer that changes nothing; answer.ts renders it. */
export class Refusal extends Error {
  readonly status: number
  readonly body: Json

  constructor(status: number, description: string, error?: string) {
    super(description)
    this.status = status
    this.body = error === undefined ? { description } : { error, description }
  }
}

export function refuseBadRequest(description: string): never {
  throw new Refusal(400, description)
}

export function refuseBusy(description: string): never {
  throw new Refusal(422, description, 'ConcurrencyError')
}

export function requireAsync(acceptsIncomplete: boolean): void {
  if (acceptsIncomplete) return
  throw new Refusal(
    422,
    'This service plan needs an asynchronous operation: send accepts_incomplete=true.',
    'AsyncRequired',
  )
}
