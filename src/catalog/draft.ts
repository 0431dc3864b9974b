/** The versions of JSON Schema that Kontor can check with. */
export type Draft = 'draft-04' | 'draft-06' | 'draft-07' | '2019-09' | '2020-12'

const drafts: Readonly<Record<string, Draft>> = {
  'json-schema.org/draft-04/schema': 'draft-04',
  'json-schema.org/draft-06/schema': 'draft-06',
  'json-schema.org/draft-07/schema': 'draft-07',
  'json-schema.org/draft/2019-09/schema': '2019-09',
  'json-schema.org/draft/2020-12/schema': '2020-12',
}

/** The version that `$schema` names; undefined for one that Kontor does not know. */
export function draftOf(schema: Readonly<Record<string, unknown>>): Draft | undefined {
  const named = schema['$schema']
  if (typeof named !== 'string') return undefined
  const name = named.replace(/^https?:\/\//, '').replace(/#$/, '')
  return Object.hasOwn(drafts, name) ? drafts[name] : undefined
}
