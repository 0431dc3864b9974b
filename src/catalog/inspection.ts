// What the inspection of offerings and that of plans share.
import { validateId } from '../storable.ts'
import type { CatalogFinding } from '../types.gen.ts'

/** What the inspected part of a catalog uses already, and what is wrong with it. */
export interface Inspection {
  readonly offeringIds: Set<string>
  readonly offeringNames: Set<string>
  readonly planIds: Set<string>
  readonly findings: CatalogFinding[]
}

/** Id and name of a part of unknown shape, as far as a finding can hold them. */
export function idAndNameOf(part: unknown): { readonly id?: string; readonly name?: string } {
  if (!isObject(part)) return {}
  const { id, name } = part
  return {
    ...(typeof id === 'string' && id !== '' && validateId(id, 'id') === undefined ? { id } : {}),
    ...(typeof name === 'string' && name !== '' ? { name } : {}),
  }
}

/** A finding about text that cannot be stored must itself be stored. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed()
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
