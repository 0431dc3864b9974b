import { createHash } from 'node:crypto'
import type { Shown } from './order.ts'
import { canonicalJson } from '../vault/canonical-json.ts'

/** Names a price with its terms, so that a request can say which ones were read. */
export function priceTagOf({ price, terms }: Pick<Shown, 'price' | 'terms'>): string {
  return createHash('sha256')
    .update(canonicalJson({ price, terms }))
    .digest('base64url')
    .slice(0, 12)
}
