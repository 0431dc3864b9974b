import { createHash } from 'node:crypto'
import type { CatalogPart } from '../snapshot.ts'
import type { Dialect } from './dialect.ts'
import { chunksOf } from './chunks.ts'
import { comma, fragmentOf, sectionsOf, type Fragment, type IsShown } from './sections.ts'

/** The offerings of one provider as some platforms see them. */
export interface PartView {
  /** None: the platforms see nothing of it. */
  readonly fragments: readonly Fragment[]
  /** Of the text, whatever sections it was rendered in. */
  readonly digest: Buffer
}

/** @param pause  called often; of a pacer */
export async function renderPart(
  part: CatalogPart,
  isShown: IsShown,
  dialect: Dialect,
  pause: () => Promise<void> | undefined,
): Promise<PartView> {
  const hash = createHash('sha256')
  const fragments: Fragment[] = []
  for (const section of sectionsOf(part)) {
    const fragment = fragmentOf(section, isShown, dialect)
    if (fragment === undefined) continue
    if (fragments.length > 0) hash.update(comma)
    // One offering may have megabytes.
    for (const chunk of chunksOf(fragment.pieces())) {
      hash.update(chunk)
      // Most often there is nothing to wait for.
      const pausing = pause()
      if (pausing !== undefined) await pausing
    }
    fragments.push(fragment)
  }
  return { fragments, digest: hash.digest() }
}
