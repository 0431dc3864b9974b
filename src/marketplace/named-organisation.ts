import type { Named } from '../types.gen.ts'
import type { Reader } from './reader.ts'

/** The organisation that was asked for; null when all of the reader's count. */
export function namedOrganisation({ organisation }: Reader): Named | null {
  return organisation === undefined ? null : { id: organisation.id, name: organisation.name }
}
