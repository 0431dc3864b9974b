import type { Db } from '../db/database.ts'
import { isToBeRenewed } from '../bindings/renewal/list-due.ts'
import type { ClaimedMail, MailFacts } from '../mail/mail.ts'
import { progressOf } from './progress.ts'
import { findStanding } from './reading/store.ts'

/**
 * Whether what a mail tells of is still so when it is sent, which may be days after it was written:
 * a cancellation that was withdrawn meanwhile must not be announced.
 */
export async function mailHolds(
  { db, now }: { readonly db: Db; readonly now: () => Date },
  { facts }: Pick<ClaimedMail, 'facts'>,
): Promise<boolean> {
  switch (facts.kind) {
    case 'order-accepted':
    case 'order-ready':
    case 'order-failed':
    case 'order-ending':
      return orderHolds(db, facts, now())
    case 'binding-renewal':
      return isToBeRenewed(db, facts.binding)
    case 'invitation':
    case 'registration-accepted':
    case 'registration-refused':
      return true
    default:
      return facts satisfies never
  }
}

type OrderMail = Extract<MailFacts, { readonly order: unknown }>

async function orderHolds(db: Db, facts: OrderMail, at: Date): Promise<boolean> {
  const order = await findStanding(db, 'all', facts.order.number)
  if (order === undefined) return false
  const progress = progressOf(order.state, order.standing)
  const isGone = progress === 'ending' || progress === 'ended'
  switch (facts.kind) {
    case 'order-accepted':
    case 'order-ready':
      return !isGone && progress !== 'failed'
    case 'order-failed':
      // An operator may have found that it is there.
      return !isGone && progress !== 'ready' && progress !== 'changing'
    case 'order-ending':
      return !isGone && order.endAt?.toISOString() === facts.endsAt && order.endAt > at
    default:
      return facts satisfies never
  }
}
