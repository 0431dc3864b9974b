import { Counter, Gauge, type Registry } from 'prom-client'

/** Which credentials a request carried. */
export type SignInKind = 'missing' | 'basic' | 'bearer' | 'certificate' | 'other'
/** Which resource is under pressure. */
export type PressureReason = 'event_loop' | 'database' | 'memory'
export type RefusalReason =
  | 'order_rate'
  | 'request_rate'
  | 'poll_rate'
  | 'delete_rate'
  | 'sign_ins'
  | 'connections'
  | PressureReason

/** Counts what one process refuses because of limits and pressure. */
export interface LimitMetrics {
  refused(reason: RefusalReason): void
  signInFailed(kind: SignInKind): void
}

/** @param levels  read at each scrape: 0 calm, 1 strained, 2 overloaded */
export function addLimitMetrics(
  registry: Registry,
  levels: () => ReadonlyArray<{ readonly reason: PressureReason; readonly level: number }>,
): LimitMetrics {
  const refused = new Counter({
    name: 'kontor_requests_refused_total',
    help: 'Requests and connections refused because of limits or pressure, by reason.',
    labelNames: ['reason'],
    registers: [registry],
  })
  const failed = new Counter({
    name: 'kontor_sign_ins_failed_total',
    help: 'Requests whose sign-in failed, by the kind of credentials that they had.',
    labelNames: ['kind'],
    registers: [registry],
  })
  const pressure: Gauge = new Gauge({
    name: 'kontor_pressure',
    help: 'Pressure on this process: 0 calm, 1 no new orders, 2 no reads either.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      for (const { reason, level } of levels()) pressure.set({ reason }, level)
    },
  })
  return {
    refused(reason) {
      refused.inc({ reason })
    },
    signInFailed(kind) {
      failed.inc({ kind })
    },
  }
}
