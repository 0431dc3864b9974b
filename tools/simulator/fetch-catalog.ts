import type { Call, Desk, StepResult } from './call.ts'
import { publishCatalog } from './catalog.ts'

export function fetchCatalog(desk: Desk, call: Call): StepResult {
  const { body, etag, contentType } = publishCatalog(desk.shelf)
  // The tag knows nothing of the nulls that are filled in.
  if (desk.settings.nulls)
    return { status: 200, body, headers: { 'content-type': contentType }, changes: [] }
  const known = (call.headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
  if (known.includes(etag) || known.includes('*'))
    return { status: 304, body: Buffer.alloc(0), headers: { etag }, changes: [] }
  return { status: 200, body, headers: { etag, 'content-type': contentType }, changes: [] }
}
