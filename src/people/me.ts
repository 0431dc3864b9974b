import type { Db } from '../db/database.ts'
import { announce } from '../db/channels.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { Duty } from '../tenancy/principal.ts'
import type { Me, UpdateMe } from '../types.gen.ts'
import type { Person, SignedIn } from './person.ts'
import { updateProfile } from './store.ts'

const duties: readonly Duty[] = ['operator', 'provider', 'agency', 'auditor']

/** What a person reads of itself. */
export function describeMe(
  directory: Pick<Directory, 'organisation'>,
  { person, duties: held, roles }: Omit<SignedIn, 'caller'>,
): Me {
  const { id, issuer, subject, name, email, language } = person
  return {
    id,
    issuer,
    subject,
    name,
    email,
    language,
    duties: duties.filter((duty) => held.has(duty)),
    roles: roles.flatMap(({ organisationId, role, from }) => {
      const organisation = directory.organisation(organisationId)
      return organisation === undefined
        ? []
        : [{ organisation: { id: organisationId, name: organisation.name }, role, from }]
    }),
  }
}

/**
 * Changes what a person says of himself.
 * @returns the person as it is then
 * @throws BrokerError `conflict` when the person's row was changed past Kontor
 */
export async function changeMe(
  { db, now }: { readonly db: Db; readonly now: () => Date },
  { person }: Pick<SignedIn, 'person'>,
  { language }: UpdateMe,
): Promise<Person> {
  return db.transaction().execute(async (tx) => {
    const changed = await updateProfile(tx, person, { language }, now())
    await announce(tx, 'people')
    return changed
  })
}
