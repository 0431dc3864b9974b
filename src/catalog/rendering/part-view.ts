import { createHash } from 'node:crypto'
import type { CatalogPart } from '../snapshot.ts'
import type { Dialect } from './dialect.ts'
import {
  comma,
  fragmentOf,
  sectionsOf,
  type Fragment,
  type IsShown,
  type RenderDeps,
} from './sections.ts'

/** The offerings of one provider as some platforms see them. */
export interface PartView {
  /** None: the platforms see nothing of it. */
  readonly fragments: readonly Fragment[]
  /** Of the text, whatever sections it was rendered in. */
  readonly digest: Buffer
}

export async function renderPart(
  part: CatalogPart,
  isShown: IsShown,
  dialect: Dialect,
  deps: RenderDeps,
): Promise<PartView> {
  const hash = createHash('sha256')
  const fragments: Fragment[] = []
  for (const section of sectionsOf(part)) {
    const fragment = await fragmentOf(section, isShown, dialect, deps)
    if (fragment !== undefined) {
      if (fragments.length > 0) hash.update(comma)
      hash.update(Buffer.concat(fragment.pieces()))
      fragments.push(fragment)
    }
    await deps.pause()
  }
  return { fragments, digest: hash.digest() }
}
