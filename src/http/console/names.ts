import { isConsoleName } from '../../tenancy/names.ts'
import type { Named } from '../../types.gen.ts'
import type { Asked } from './asked.ts'

/** An organisation as people call it. */
export function organisationName({ deps }: Asked, { id, name }: Named): string {
  return deps.directory.organisation(id)?.displayName ?? name
}

/** A platform as people call it: what they ordered here has one that no person has named. */
export function platformName({ name }: Named): string {
  return isConsoleName(name) ? 'Kontor' : name
}
