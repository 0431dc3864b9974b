import { createHash } from 'node:crypto'
import { parseObject } from '../../backends/parse-object.ts'
import type { CatalogFinding } from '../../types.gen.ts'
import { canonicalJson } from '../../vault/canonical-json.ts'
import { inspectCatalog } from '../inspect.ts'
import { validateLength } from '../lengths.ts'
import { publishedOffering } from '../published.ts'
import { checkSize } from './check-size.ts'
import { rowsOf, type PlacedOffering } from './rows.ts'
import type { ReadingAnswer, ReadingTask } from './task.ts'

/** Parses and inspects a catalog, and derives what Kontor publishes. Takes long. */
export function readBytes({ body, publisher }: ReadingTask): ReadingAnswer {
  const tooLarge = checkSize(body)
  if (tooLarge !== undefined) return unusable(tooLarge)
  const parsed = parseObject(body)
  if (typeof parsed === 'string') return unusable(parsed)
  const services: unknown = parsed['services']
  if (!Array.isArray(services)) return unusable('the answer has no list "services"')
  const inspected = inspectCatalog(services)
  const findings = [...inspected.findings]
  const published = inspected.offerings
    .map((offering, at) => ({
      ...publishedOffering(publisher, offering),
      path: inspected.paths[at] ?? '/services',
    }))
    .filter((offering) => !isTooLong(offering, findings))
  return {
    kind: 'inspected',
    catalog: {
      digest: createHash('sha256')
        .update(canonicalJson([published, findings]))
        .digest('hex'),
      findings,
      ...rowsOf(published),
    },
  }
}

// The published name includes the provider's name, so its length is known only here.
function isTooLong(offering: PlacedOffering, findings: CatalogFinding[]): boolean {
  const validationError = validateLength(offering.name, 'the published name')
  if (validationError === undefined) return false
  findings.push({
    path: offering.path,
    problem: `"${offering.name.slice(0, 100)}...": ${validationError}`,
    effect: 'offering_withheld',
    offeringId: offering.upstreamId,
  })
  return true
}

function unusable(description: string): ReadingAnswer {
  return { kind: 'unusable', description }
}
