import type { AuditEventView } from '../../types.gen.ts'
import { csvRecord } from '../../csv.ts'
import type { ReadEvent } from './store.ts'
import { viewOf } from './view.ts'

export type ExportFormat = 'jsonl' | 'csv'

export interface LineFormat {
  readonly header: string | undefined
  lineOf(event: ReadEvent): string
}

const columns = [
  'position',
  'id',
  'at',
  'actor',
  'action',
  'objectKind',
  'objectId',
  'outcome',
  'organisationId',
  'platformId',
  'providerId',
  'instanceId',
  'details',
  'uid',
  'mac',
  'linkedAt',
  'hash',
] as const satisfies ReadonlyArray<keyof AuditEventView>

export function createLineFormat(format: ExportFormat): LineFormat {
  return format === 'csv'
    ? { header: csvRecord(columns), lineOf: csvOf }
    : { header: undefined, lineOf: (event) => `${JSON.stringify(viewOf(event))}\n` }
}

function csvOf(event: ReadEvent): string {
  const view = viewOf(event)
  const details = view.details === null ? null : JSON.stringify(view.details)
  return csvRecord(columns.map((column) => (column === 'details' ? details : view[column])))
}
