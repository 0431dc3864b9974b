import type { Db } from '../db/database.ts'
import type { Organisation } from './organisation.ts'
import type { Platform } from './platform.ts'
import { listOrganisations, listPlatforms } from './store.ts'

/** Organisations and platforms as this process knows them: read once per change, never per request. */
export interface Directory {
  platform (id: string): Platform | undefined
  organisation (id: string): Organisation | undefined
  /** An organisation and those above it, nearest first; empty for null and for an unknown one. */
  lineOf (organisationId: string | null): readonly Organisation[]
  /** Ids of an organisation and of all below it; empty for an unknown one. */
  subtreeOf (organisationId: string): ReadonlySet<string>
  reload (): Promise<void>
}

interface Known {
  readonly platforms: ReadonlyMap<string, Platform>
  readonly organisations: ReadonlyMap<string, Organisation>
}

export async function openDirectory (db: Db): Promise<Directory> {
  let known = await read(db)
  const lineOf = (organisationId: string | null): Organisation[] => {
    const line: Organisation[] = []
    // The database keeps circles out; this only keeps a reading between two changes from running for ever.
    for (let id = organisationId; id !== null && line.length < 100;) {
      const organisation = known.organisations.get(id)
      if (organisation === undefined) break
      line.push(organisation)
      id = organisation.parentId
    }
    return line
  }
  return {
    platform: (id) => known.platforms.get(id),
    organisation: (id) => known.organisations.get(id),
    lineOf,
    subtreeOf: (organisationId) => new Set([...known.organisations.keys()].filter((id) => lineOf(id).some((above) => above.id === organisationId))),
    async reload () { known = await read(db) }
  }
}

async function read (db: Db): Promise<Known> {
  const [platforms, organisations] = await Promise.all([listPlatforms(db), listOrganisations(db)])
  return { platforms: new Map(platforms.map((each) => [each.id, each])), organisations: new Map(organisations.map((each) => [each.id, each])) }
}
