import type { CatalogWords, ListingTexts } from '../../types.gen.ts'

const maxName = 120

/** A text of the listing fields in both languages, or `otherwise` where they do not say. */
export function wordsOf(
  i18n: ListingTexts | undefined,
  field: 'displayName' | 'description',
  otherwise: string,
): CatalogWords {
  const { de, en } = i18n ?? {}
  const [german, english] = [de?.[field], en?.[field]]
  return { de: german ?? english ?? otherwise, en: english ?? german ?? otherwise }
}

/** The name for people in the OSB profile's metadata. */
export function displayNameOf(metadata: unknown, otherwise: string): string {
  const given = (metadata as { readonly displayName?: unknown } | undefined)?.displayName
  return typeof given === 'string' && given.trim() !== '' ? given.slice(0, maxName) : otherwise
}
