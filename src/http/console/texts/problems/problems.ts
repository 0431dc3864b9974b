import type { ErrorCode } from '../../../../errors.ts'
import { titleOf } from '../../../problems.ts'
import { bothLanguages } from '../both-languages.ts'
import { de } from './de.ts'
import { en } from './en.ts'

export interface ProblemText {
  readonly title: string
  readonly meaning: string
  readonly action: string
}

/** The pages that the `type` of a problem opens. */
export const problems = bothLanguages({
  de: {
    title: 'Fehler und was zu tun ist',
    lead: 'Fehler der Verwaltungs-API sind „problem details“ (RFC 9457); `type` führt hierher.',
    meaning: 'Was es bedeutet',
    action: 'Was zu tun ist',
    code: 'Kennung',
    status: 'HTTP-Status',
    all: 'Alle Fehler',
    of(code: ErrorCode): ProblemText {
      const [title, meaning, action] = de[code]
      return { title, meaning, action }
    },
  },
  en: {
    title: 'Errors, and what to do',
    lead: 'Errors of the management API are problem details (RFC 9457); `type` leads here.',
    meaning: 'What it means',
    action: 'What to do',
    code: 'Code',
    status: 'HTTP status',
    all: 'All errors',
    of(code: ErrorCode): ProblemText {
      const [meaning, action] = en[code]
      return { title: titleOf(code), meaning, action }
    },
  },
})
