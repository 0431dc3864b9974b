import { BrokerError } from '../../errors.ts'
import type { Asked } from './asked.ts'
import { summaryPart } from './fields-part.ts'

const ofPage: ReadonlySet<string> = new Set(['forbidden', 'not_found', 'unauthorized', 'internal'])

/** @returns what a form says of a refusal; undefined: it is one of the whole page */
export function refusalOf(error: unknown): string | undefined {
  return error instanceof BrokerError && !ofPage.has(error.code) ? error.message : undefined
}

export function refusalPart({ texts }: Asked, message: string | undefined): string {
  return summaryPart(texts.form, [], new Set(), message)
}
