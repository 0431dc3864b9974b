import { record } from '../audit/record.ts'
import { announce } from '../db/channels.ts'
import type { Db } from '../db/database.ts'
import { newId } from '../ids.ts'
import { actorOf, type Claimed } from './claimed.ts'
import type { KnownPeople } from './known-people.ts'
import type { Person } from './person.ts'
import { insertPerson, updateProfile } from './store.ts'

export interface PeopleDeps {
  readonly db: Db
  readonly now: () => Date
  readonly people: KnownPeople
}

// Each write has all processes read people anew, and two valid tokens may differ in the name.
const writeEveryMs = 60_000
const lastWrites = new WeakMap<KnownPeople, Map<string, number>>()

/**
 * The person whom verified claims name, made at the first sign-in; keeps what the issuer says of
 * name and mail address, once a minute at most. Answers synchronously for a person of whom nothing
 * changed.
 * @throws BrokerError `conflict` when the person's row was changed past Kontor, or one is missing
 */
export function findOrCreatePerson(deps: PeopleDeps, claimed: Claimed): Person | Promise<Person> {
  const known = deps.people.person(claimed.issuer, claimed.subject)
  if (known === undefined) return writePerson(deps, claimed)
  return isCurrent(known, claimed) || !isWriteDue(deps, known) ? known : writePerson(deps, claimed)
}

/** Whether the profile may be written again, which then counts as done. */
function isWriteDue({ now, people }: PeopleDeps, { id }: Person): boolean {
  const atMs = now().getTime()
  const writes = lastWrites.get(people) ?? new Map<string, number>()
  lastWrites.set(people, writes)
  // The oldest are the first.
  for (const [each, writtenMs] of writes) {
    if (atMs - writtenMs < writeEveryMs) break
    writes.delete(each)
  }
  if (writes.has(id)) return false
  writes.set(id, atMs)
  return true
}

function isCurrent({ name, email }: Person, claimed: Claimed): boolean {
  return (
    (claimed.name === null || claimed.name === name) &&
    (claimed.email === null || claimed.email === email)
  )
}

async function writePerson({ db, now, people }: PeopleDeps, claimed: Claimed): Promise<Person> {
  const { issuer, subject, name, email, language } = claimed
  const at = now()
  const made = {
    id: newId(at),
    issuer,
    subject,
    name,
    email,
    language: language ?? 'de',
    muted: [],
  } as const
  const person = await db.transaction().execute(async (tx) => {
    await announce(tx, 'people')
    if (!(await insertPerson(tx, made, at)))
      return updateProfile(
        tx,
        claimed,
        { ...(name === null ? {} : { name }), ...(email === null ? {} : { email }) },
        at,
      )
    await record(tx, {
      at,
      actor: actorOf(claimed),
      action: 'person.created',
      objectKind: 'person',
      objectId: made.id,
      outcome: 'succeeded',
    })
    return made
  })
  // The rest of the request already finds the person.
  await people.reload()
  return person
}
