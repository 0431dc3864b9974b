import type { RefusalReason } from './refusals.ts'

/**
 * What Kontor does about requests of one kind when there are too many; each scope has its own
 * classes.
 */
export interface TrafficClass {
  /** For the sentence "Too many ... in a short time." */
  readonly noun: string
  /** How many one client may send; undefined: as many as it likes. */
  readonly rateLimit?: {
    /** Which of the configured rates, and how many times it. */
    readonly rate: 'orders' | 'requests'
    readonly times: number
    readonly reason: RefusalReason
  }
  /** When and how pressure has it refused; undefined: never. */
  readonly underPressure?: {
    readonly fromLevel: 1 | 2
    readonly code: 'rate_limited' | 'overloaded'
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    traffic?: TrafficClass
  }
}
