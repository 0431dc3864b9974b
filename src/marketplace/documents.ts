import { ajv } from '../schemas.ts'
import type { CatalogDocument, ListingOffering } from '../types.gen.ts'

/** The documents of the listing fields, and the links of the OSB profile's metadata. */
export function documentsOf(metadata: unknown, fields: ListingOffering): CatalogDocument[] {
  const { documentationUrl, supportUrl } = (metadata ?? {}) as Readonly<Record<string, unknown>>
  const { contract, accessibility } = fields
  const own = (fields.documents ?? []).map(({ kind, title, url }): CatalogDocument => {
    const [german, english] = [title?.de ?? title?.en, title?.en ?? title?.de]
    const isTitled = german !== undefined && english !== undefined
    return { kind, title: isTitled ? { de: german, en: english } : null, url }
  })
  const others: CatalogDocument[] = [
    ...linked('manual', documentationUrl),
    ...linked('support', supportUrl),
    ...linked('dpa', contract?.dpaUrl),
    ...linked('other', accessibility?.statementUrl),
  ]
  const known = new Set(own.map(({ url }) => url))
  return [...own, ...others.filter(({ url }) => !known.has(url))]
}

/** An address of another form is left out: it must never become a link. */
function linked(kind: CatalogDocument['kind'], url: unknown): CatalogDocument[] {
  return isLink(url) ? [{ kind, title: null, url }] : []
}

function isLink(url: unknown): url is string {
  return ajv.validate('listing-link', url)
}
