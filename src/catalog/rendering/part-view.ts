import { createHash } from 'node:crypto'
import type { CatalogPart } from '../snapshot.ts'
import type { Dialect } from './dialect.ts'
import {
  comma,
  fragmentOf,
  sectionsOf,
  type Fragment,
  type IsShown,
  type OnFaultyOffering,
} from './sections.ts'

/** The offerings of one provider as some platforms see them. */
export interface PartView {
  /** None: the platforms see nothing of it. */
  readonly fragments: readonly Fragment[]
  /** Of the text, whatever sections it was rendered in. */
  readonly digest: Buffer
}

export interface RenderDeps {
  /** Called for each offering that cannot be written; the others are. */
  readonly onFaulty: OnFaultyOffering
  /** Called often; of a pacer. */
  readonly pause: () => Promise<void> | undefined
}

export async function renderPart(
  part: CatalogPart,
  isShown: IsShown,
  dialect: Dialect,
  { onFaulty, pause }: RenderDeps,
): Promise<PartView> {
  const hash = createHash('sha256')
  const fragments: Fragment[] = []
  for (const section of sectionsOf(part)) {
    const fragment = fragmentOf(section, isShown, dialect, onFaulty)
    if (fragment !== undefined) {
      if (fragments.length > 0) hash.update(comma)
      hash.update(Buffer.concat(fragment.pieces()))
      fragments.push(fragment)
    }
    await pause()
  }
  return { fragments, digest: hash.digest() }
}
