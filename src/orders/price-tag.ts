import { createHash } from 'node:crypto'
import type { PlanPrice } from '../types.gen.ts'
import { canonicalJson } from '../vault/canonical-json.ts'

/** Names a price, so that a submission can say which one was read. */
export function priceTagOf(price: PlanPrice): string {
  return createHash('sha256').update(canonicalJson(price)).digest('base64url').slice(0, 12)
}
