import { coalesce } from '../db/coalesce.ts'
import type { Db } from '../db/database.ts'
import { readSealed, type TableCheck } from '../vault/sealed-rows/read-sealed.ts'
import type { Grant, Person } from './person.ts'
import { listMemberships, listPeople, type MembershipRow } from './store.ts'

/** People and their memberships in memory: read after each change, never per request. */
export interface KnownPeople {
  /** By the claims `iss` and `sub`. */
  person(issuer: string, subject: string): Person | undefined
  personById(id: string): Person | undefined
  /** The memberships of a person. */
  grantsOf(personId: string): readonly Grant[]
  /** A new object after each reload: results computed under an earlier one may be out of date. */
  stamp(): object
  reload(): Promise<void>
}

interface Known {
  readonly rows: Rows
  readonly people: ReadonlyMap<string, Person>
  readonly grants: ReadonlyMap<string, readonly Grant[]>
}

interface Rows {
  readonly people: ReadonlyMap<string, Person>
  readonly memberships: ReadonlyMap<string, MembershipRow>
}

const nothing: Rows = { people: new Map(), memberships: new Map() }

export async function openKnownPeople(db: Db): Promise<KnownPeople> {
  let known = await read(db, nothing)
  return {
    person: (issuer, subject) => known.people.get(keyOf({ issuer, subject })),
    personById: (id) => known.rows.people.get(id),
    grantsOf: (personId) => known.grants.get(personId) ?? [],
    stamp: () => known,
    reload: coalesce(async () => {
      known = await read(db, known.rows)
    }),
  }
}

async function read(db: Db, before: Rows): Promise<Known> {
  const { data, checks } = await readSealed(db, ['memberships', 'people'], async (tx) => ({
    people: await listPeople(tx),
    memberships: await listMemberships(tx),
  }))
  const people = rightRows(data.people, before.people, checks.people)
  const memberships = rightRows(data.memberships, before.memberships, checks.memberships)
  return {
    rows: { people, memberships },
    people: new Map(Array.from(people.values(), (row) => [keyOf(row), row])),
    grants: Map.groupBy(memberships.values(), ({ personId }) => personId),
  }
}

/**
 * The rows that count: without those that were changed past Kontor. While one is missing or set
 * back, none joins those of `before`, because one that was taken away may be back.
 */
export function rightRows<Row extends { readonly id: string }>(
  rows: readonly Row[],
  before: ReadonlyMap<string, Row>,
  { isWhole, damaged }: TableCheck,
): ReadonlyMap<string, Row> {
  const right = rows.filter(({ id }) => !damaged.has(id))
  return new Map(
    right.flatMap((row): Array<[string, Row]> => {
      const counting = isWhole ? row : before.get(row.id)
      return counting === undefined ? [] : [[row.id, counting]]
    }),
  )
}

// A subject contains no space.
const keyOf = ({ issuer, subject }: Pick<Person, 'issuer' | 'subject'>) => `${subject} ${issuer}`
