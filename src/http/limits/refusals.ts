import { defineCounter } from '../../telemetry/counter.ts'

/** Which resource is under pressure. */
export type PressureReason = 'event_loop' | 'database' | 'memory'
export type RefusalReason =
  | 'order_rate'
  | 'request_rate'
  | 'poll_rate'
  | 'delete_rate'
  | 'sign_ins'
  | 'connections'
  | 'streams'
  | PressureReason

export const requestsRefused = defineCounter<{ reason: RefusalReason }>(
  'kontor_requests_refused_total',
  'Requests and connections refused because of limits or pressure, by reason.',
  ['reason'],
)
