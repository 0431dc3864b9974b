import type { Db } from '../db/database.ts'
import { announce } from '../db/channels.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { Duty } from '../tenancy/principal.ts'
import type { Me, NotificationKind, UpdateMe } from '../types.gen.ts'
import type { Person, SignedIn } from './person.ts'
import { lockMuted, updateProfile } from './store.ts'

const duties: readonly Duty[] = ['operator', 'provider', 'agency', 'auditor']

/** What a person reads of itself. */
export function describeMe(
  directory: Pick<Directory, 'organisation'>,
  { person, duties: held, roles }: Omit<SignedIn, 'caller'>,
): Me {
  const { id, issuer, subject, name, email, language, muted } = person
  return {
    id,
    issuer,
    subject,
    name,
    email,
    language,
    notifications: notificationsOf(muted),
    duties: duties.filter((duty) => held.has(duty)),
    roles: roles.flatMap(({ organisationId, role, from }) => {
      const organisation = directory.organisation(organisationId)
      return organisation === undefined
        ? []
        : [{ organisation: { id: organisationId, name: organisation.name }, role, from }]
    }),
  }
}

/** In the order in which people read them. */
export const notificationKinds = [
  'order-accepted',
  'order-ready',
  'order-failed',
  'order-ending',
  'binding-renewal',
] as const satisfies readonly NotificationKind[]

function notificationsOf(muted: readonly NotificationKind[]): Me['notifications'] {
  const wanted = notificationKinds.map((kind) => [kind, !muted.includes(kind)] as const)
  // All keys are there, which the types of Object.fromEntries do not say.
  return Object.fromEntries(wanted) as Me['notifications']
}

/**
 * Changes what a person says of himself: the language, and of what Kontor writes mails.
 * @returns the person as it is then
 * @throws BrokerError `conflict` when the person's row was changed past Kontor
 */
export async function changeMe(
  { db, now }: { readonly db: Db; readonly now: () => Date },
  { person }: Pick<SignedIn, 'person'>,
  { language, notifications }: UpdateMe,
): Promise<Person> {
  return db.transaction().execute(async (tx) => {
    // The person that this process knows may be older than what another one has just written.
    const muted = notifications && mutedBy(notifications, await lockMuted(tx, person))
    const profile = {
      ...(language === undefined ? {} : { language }),
      ...(muted === undefined ? {} : { muted }),
    }
    const changed = await updateProfile(tx, person, profile, now())
    await announce(tx, 'people')
    return changed
  })
}

function mutedBy(
  notifications: NonNullable<UpdateMe['notifications']>,
  before: readonly NotificationKind[],
): NotificationKind[] {
  return notificationKinds.filter(
    (kind) =>
      notifications[kind] === false || (before.includes(kind) && notifications[kind] !== true),
  )
}
