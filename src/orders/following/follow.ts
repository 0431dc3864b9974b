import type { Tx } from '../../db/database.ts'
import type { NewMail } from '../../mail/mail.ts'
import { writeMails } from '../../mail/write.ts'
import { isFinished } from '../../operations/states.ts'
import type { SignedIn } from '../../people/person.ts'
import { rolesIn } from '../../people/roles.ts'
import type { OrdersDeps } from '../deps.ts'
import { factsOf } from '../mail-facts.ts'
import type { Order } from '../order.ts'
import { progressOf } from '../progress.ts'
import { listStandingOf, type StandingOrder } from '../reading/store.ts'
import {
  deleteFollowed,
  insertFollowed,
  lockDueFollowed,
  postponeFollowed,
  type Followed,
} from './store.ts'

const dayMs = 86_400_000
/**
 * So long after an order its person gets mail by a role that only claims have granted: Kontor
 * cannot ask the issuer whether they still would.
 */
const vouchedMs = 30 * dayMs

// While no process had a mail server: what became of the order then is no news any more.
const staleMs = 3 * dayMs
// What is not known by then no person waits for any more, and each check costs reads.
const followedMs = 90 * dayMs
const minCheckMs = 1_000
const maxCheckMs = 60_000

/**
 * Has the person who submits an order get mail of what becomes of it, in the transaction of the
 * submission. What that is, is read from the rows of its instance, so that no order of a platform
 * writes a row more.
 */
export async function follow(
  { directory, sendsMail }: Pick<OrdersDeps, 'directory' | 'sendsMail'>,
  tx: Tx,
  order: Order,
  signedIn: SignedIn,
  at: Date,
): Promise<void> {
  if (!sendsMail) return
  const memberships = signedIn.roles.filter(({ from }) => from === 'membership')
  const isMember = rolesIn(directory, memberships, order.organisationId).size > 0
  await insertFollowed(tx, {
    orderId: order.id,
    personId: signedIn.person.id,
    vouchedUntil: isMember ? null : new Date(at.getTime() + vouchedMs),
    checkAt: at,
  })
}

/**
 * Looks at followed orders, at most `limit`, and writes the mails of what has become of them. In
 * one transaction with the end of the following, so that each is written once.
 * @returns how many orders it has looked at, and how many mails were due
 */
export async function checkFollowed(
  { db, now }: Pick<OrdersDeps, 'db' | 'now'>,
  limit: number,
): Promise<{ readonly orders: number; readonly mails: number }> {
  return db.transaction().execute(async (tx) => {
    const at = now()
    const due = await lockDueFollowed(tx, at, limit)
    if (due.length === 0) return { orders: 0, mails: 0 }
    const orders = await listStandingOf(
      tx,
      due.map(({ orderId }) => orderId),
    )
    const known = new Map(orders.map((order) => [order.id, order]))
    const over: string[] = []
    let mails = 0
    for (const followed of due) {
      const order = known.get(followed.orderId)
      const isStale = at.getTime() - followed.checkAt.getTime() > staleMs
      const look = order === undefined || isStale ? nothingMore : lookAt(order)
      const news = look.news.filter((kind) => isNew(kind, followed))
      if (order !== undefined)
        await writeMails(
          tx,
          news.map((kind) => mailOf(order, followed, kind)),
          at,
        )
      mails += news.length
      if (order === undefined || look.isOver || ageOf(order, at) > followedMs)
        over.push(followed.orderId)
      else
        await postponeFollowed(tx, {
          orderId: order.id,
          checkAt: nextCheck(order, at),
          written: [...followed.written, ...news],
        })
    }
    await deleteFollowed(tx, over)
    return { orders: due.length, mails }
  })
}

/**
 * Whether a person has not read that yet. What is written is kept here, for mails are deleted
 * sooner; and an order that has failed, or is ready, is not accepted after that, however its rows
 * stand.
 */
function isNew(kind: News, { written }: Followed): boolean {
  return kind === 'order-accepted' ? written.length === 0 : !written.includes(kind)
}

type News = 'order-accepted' | 'order-ready' | 'order-failed'

interface Look {
  readonly news: readonly News[]
  /** Whether nothing more is to be written of it. */
  readonly isOver: boolean
}

const nothingMore: Look = { news: [], isOver: true }

/** What there is to tell of an order: of its acceptance only while nothing else is known. */
function lookAt({ state, standing }: StandingOrder): Look {
  // It was returned: the person has read that, and submits it again or not.
  if (state !== 'submitted') return nothingMore
  const progress = progressOf(state, standing)
  switch (progress) {
    case 'draft':
    case 'discarded':
    case 'submitted':
    // It stands still, maybe while what a failed order left is removed: an operator decides.
    case 'waiting':
      return { news: [], isOver: false }
    case 'provisioning':
      return { news: ['order-accepted'], isOver: false }
    case 'changing':
    case 'ready':
      return { news: ['order-ready'], isOver: true }
    case 'failed': {
      // While what it left is removed, an operator may still find that it is there.
      const { operationState } = standing
      const isOver = operationState !== null && isFinished(operationState)
      return { news: ['order-failed'], isOver }
    }
    case 'ending':
    case 'ended':
      return nothingMore
    default:
      return progress satisfies never
  }
}

function mailOf(order: StandingOrder, followed: Followed, kind: News): NewMail {
  return {
    key: `${kind}/${order.id}`,
    personId: followed.personId,
    organisationId: order.organisationId,
    vouchedUntil: followed.vouchedUntil,
    facts: { kind, order: factsOf(order) },
  }
}

/** The longer it takes, the less it matters to the minute. */
function nextCheck(order: Order, at: Date): Date {
  return new Date(at.getTime() + Math.min(Math.max(ageOf(order, at) / 10, minCheckMs), maxCheckMs))
}

function ageOf({ submittedAt, createdAt }: Order, at: Date): number {
  return at.getTime() - (submittedAt ?? createdAt).getTime()
}
