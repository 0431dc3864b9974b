import type { DbOrTx, Tx } from '../db/database.ts'
import { assertUnchanged, writeSealed } from '../vault/sealed-rows/write-sealed.ts'
import type { Grant, Person } from './person.ts'

const columns = ['id', 'issuer', 'subject', 'name', 'email', 'language', 'muted'] as const

// A check constraint limits the one column, and the schema of the body the other.
const rowOf = <Row extends { language: string; muted: string[] }>(row: Row) => ({
  ...row,
  language: row.language as Person['language'],
  muted: row.muted as Person['muted'][number][],
})

export async function listPeople(db: DbOrTx): Promise<Person[]> {
  const rows = await db.selectFrom('people').select(columns).execute()
  return rows.map(rowOf)
}

/** @returns false when a person of that issuer and subject is there already */
export async function insertPerson(tx: Tx, person: Person, now: Date): Promise<boolean> {
  const { issuer, subject } = person
  const row = await writeSealed(tx, 'people', { issuer, subject }, () =>
    tx
      .insertInto('people')
      .values({ ...person, muted: [...person.muted], created_at: now, updated_at: now })
      .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing())
      .returning('id')
      .executeTakeFirst(),
  )
  return row !== undefined
}

/** What a person has switched off; no other transaction changes it until this one ends. */
export async function lockMuted(
  tx: Tx,
  { issuer, subject }: Pick<Person, 'issuer' | 'subject'>,
): Promise<Person['muted']> {
  const row = await tx
    .selectFrom('people')
    .select(['language', 'muted'])
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .forUpdate()
    .executeTakeFirstOrThrow()
  return rowOf(row).muted
}

/**
 * Writes what the issuer says of a person now; what it does not say stays.
 * @throws BrokerError `conflict` when the row was changed past Kontor
 */
export async function updateProfile(
  tx: Tx,
  { issuer, subject }: Pick<Person, 'issuer' | 'subject'>,
  { muted, ...profile }: Partial<Pick<Person, 'name' | 'email' | 'language' | 'muted'>>,
  now: Date,
): Promise<Person> {
  await assertUnchanged(tx, 'people', { issuer, subject })
  // None of these columns is under the MAC: they let no person in. But mail goes to the
  // address: who writes to the table can redirect it, and it names orders, though no secrets.
  const row = await tx
    .updateTable('people')
    .set({
      ...profile,
      ...(muted === undefined ? {} : { muted: [...muted] }),
      updated_at: now,
    })
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .returning(columns)
    .executeTakeFirstOrThrow()
  return rowOf(row)
}

export interface MembershipRow extends Grant {
  readonly id: string
  readonly personId: string
}

export async function listMemberships(db: DbOrTx): Promise<MembershipRow[]> {
  const rows = await db
    .selectFrom('memberships')
    .select(['id', 'person_id', 'organisation_id', 'role'])
    .execute()
  return rows.map((row) => ({
    id: row.id,
    personId: row.person_id,
    organisationId: row.organisation_id,
    // A check constraint limits the column to these roles.
    role: row.role as Grant['role'],
    from: 'membership',
  }))
}
