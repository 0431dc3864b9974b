import { listDueRenewals, type Renewal, type RenewalDeps } from '../../bindings/renewal/list-due.ts'
import type { MailFacts, NewMail } from '../../mail/mail.ts'
import { writeMails } from '../../mail/write.ts'
import { factsOf } from '../mail-facts.ts'
import { listEndingOrders, listKeepers, type EndingOrder, type Keepers } from './store.ts'

const dayMs = 86_400_000
/** So long before the end of an order its people get mail. */
const beforeEndMs = 7 * dayMs
// Shorter than mails are kept: as long as its row is there, no mail is written twice.
const lookBackMs = 14 * dayMs
const portion = 200

/**
 * Writes mails of cancelled orders that end within a week, and of bindings to be renewed, to those
 * who have ordered them and to the owners of their instances. Each once, however often this runs.
 */
export async function remind(deps: RenewalDeps): Promise<void> {
  await remindOfEnds(deps)
  await remindOfRenewals(deps)
}

async function remindOfEnds({ db, now }: RenewalDeps): Promise<void> {
  let after: string | undefined
  do {
    const from = now()
    const to = new Date(from.getTime() + beforeEndMs)
    const orders = await listEndingOrders(db, from, to, after, portion)
    await write(db, orders.flatMap(mailsOfEnd), from)
    after = orders.length === portion ? orders.at(-1)?.id : undefined
  } while (after !== undefined)
}

function mailsOfEnd(order: EndingOrder): NewMail[] {
  const endsAt = order.endAt.toISOString()
  return mailsTo(
    [order.submittedBy, order.ownerId],
    `order-ending/${order.id}/${endsAt}`,
    order.organisationId,
    { kind: 'order-ending', order: factsOf(order), endsAt },
  )
}

async function remindOfRenewals(deps: RenewalDeps): Promise<void> {
  let after: Awaited<ReturnType<typeof listDueRenewals>>['next']
  do {
    const { renewals, next } = await listDueRenewals(deps, lookBackMs, portion, after)
    const keepers = await listKeepers(
      deps.db,
      renewals.map(({ instanceKey }) => instanceKey),
    )
    const known = new Map(keepers.map((each) => [each.instanceKey, each]))
    await write(
      deps.db,
      renewals.flatMap((renewal) => mailsOfRenewal(renewal, known.get(renewal.instanceKey))),
      deps.now(),
    )
    after = next
  } while (after !== undefined)
}

function mailsOfRenewal(
  { key, dueAt, expiresAt }: Renewal,
  keepers: Keepers | undefined,
): NewMail[] {
  // Of an instance without an organisation no person has a role.
  if (keepers === undefined || keepers.organisationId === null) return []
  return mailsTo(
    [keepers.ordererId, keepers.ownerId],
    `binding-renewal/${key}/${dueAt.toISOString()}`,
    keepers.organisationId,
    {
      kind: 'binding-renewal',
      binding: key,
      instance: keepers.instance,
      expiresAt: expiresAt?.toISOString() ?? null,
    },
  )
}

function mailsTo(
  people: ReadonlyArray<string | null>,
  key: string,
  organisationId: string,
  facts: MailFacts,
): NewMail[] {
  const ids = new Set(people.filter((id) => id !== null))
  return Array.from(ids, (personId) => ({
    key,
    personId,
    organisationId,
    vouchedUntil: null,
    facts,
  }))
}

async function write(db: RenewalDeps['db'], mails: readonly NewMail[], at: Date): Promise<void> {
  if (mails.length === 0) return
  await db.transaction().execute((tx) => writeMails(tx, mails, at))
}
