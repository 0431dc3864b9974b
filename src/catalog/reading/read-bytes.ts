import { createHash } from 'node:crypto'
import { parseObject } from '../../backends/parse-object.ts'
import type { CatalogCaps } from '../../config.ts'
import { checkSize } from '../../threads/check-size.ts'
import type { CatalogFinding } from '../../types.gen.ts'
import { canonicalJson } from '../../vault/canonical-json.ts'
import { inspectCatalog } from '../inspect.ts'
import { quoted } from '../inspection/quoted.ts'
import { validateLength } from '../lengths.ts'
import { publishedOffering } from '../published.ts'
import { exceededTotal, withinCaps } from './caps.ts'
import { firstFindings } from './limit-findings.ts'
import { withheldOffering, withheldPlan } from './withheld.ts'
import { rowsOf, type PlacedOffering } from './rows.ts'
import type { ReadingAnswer, ReadingTask } from './task.ts'

/** Parses and inspects a catalog, and derives what Kontor publishes. Takes long. */
export function readBytes({ body: pieces, publisher, caps }: ReadingTask): ReadingAnswer {
  const body = Buffer.concat(pieces)
  const tooLarge = checkSize('the catalog', body, maxValuesOf(caps))
  if (tooLarge !== undefined) return unusable(tooLarge)
  const parsed = parseObject(body)
  if (typeof parsed === 'string') return unusable(parsed)
  const services: unknown = parsed['services']
  if (!Array.isArray(services)) return unusable('the answer has no list "services"')
  const tooMany = exceededTotal('offerings', services.length, caps)
  if (tooMany !== undefined) return unusable(tooMany)
  const inspected = inspectCatalog(services, caps.plansPerOffering)
  const findings = [...inspected.findings]
  const named = inspected.offerings
    .map((offering, at) => ({
      ...publishedOffering(publisher, offering),
      path: inspected.paths[at] ?? '/services',
    }))
    .filter((offering) => !isTooLong(offering, findings))
  const published = withinCaps(named, caps, findings)
  const plans = published.reduce((count, offering) => count + offering.plans.length, 0)
  const tooManyPlans = exceededTotal('plans', plans, caps)
  if (tooManyPlans !== undefined) return unusable(tooManyPlans)
  return {
    kind: 'inspected',
    catalog: {
      digest: createHash('sha256')
        .update(canonicalJson([published, findings]))
        .digest('hex'),
      findings: firstFindings(findings, caps.findings),
      withheld: {
        offerings: findings.flatMap(withheldOffering),
        plans: findings.flatMap(withheldPlan),
      },
      ...rowsOf(published),
    },
  }
}

// An honest catalog has one value for twenty bytes or more.
function maxValuesOf({ bytes }: CatalogCaps): number {
  return Math.max(50_000, Math.floor(bytes / 8))
}

// The published name includes the provider's name, so its length is known only here.
function isTooLong(offering: PlacedOffering, findings: CatalogFinding[]): boolean {
  const validationError = validateLength(offering.name, 'the published name')
  if (validationError === undefined) return false
  findings.push({
    path: offering.path,
    problem: `${quoted(offering.name)}: ${validationError}`,
    effect: 'offering_withheld',
    offeringId: offering.upstreamId,
  })
  return true
}

function unusable(description: string): ReadingAnswer {
  return { kind: 'unusable', description }
}
