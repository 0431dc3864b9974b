import type { Order } from './order.ts'

const dayMs = 86_400_000

/**
 * The first moment at which an order may end by its terms: after the notice, and after the minimum
 * term. Now where the provider states neither.
 */
export function endDateOf({ shown, submittedAt }: Order, now: Date): Date {
  const { noticeDays, minimumTermMonths } = shown.terms
  const afterNotice = new Date(now.getTime() + (noticeDays ?? 0) * dayMs)
  const afterTerm =
    submittedAt === null || minimumTermMonths === null
      ? now
      : monthsLater(submittedAt, minimumTermMonths)
  return afterNotice > afterTerm ? afterNotice : afterTerm
}

/** Until when its data can be fetched after its end; undefined: the provider does not say. */
export function retainedUntil(retainDays: number | null, end: Date): Date | undefined {
  return retainDays === null ? undefined : new Date(end.getTime() + retainDays * dayMs)
}

/** The same day of a later month, or its last day. */
function monthsLater(date: Date, months: number): Date {
  const later = new Date(date)
  later.setUTCMonth(later.getUTCMonth() + months)
  // The month has no such day: setUTCMonth went on into the next one.
  if (later.getUTCDate() !== date.getUTCDate()) later.setUTCDate(0)
  return later
}
