import type { Language } from '../types.gen.ts'

// To make one takes longer than all else of a price, and a page has dozens of prices.
const numbers = new Map<string, Intl.NumberFormat>()

/** @param options  of which there are few: each is kept */
export function numberFormat(
  language: Language,
  options: Intl.NumberFormatOptions,
): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`
  const known = numbers.get(key)
  if (known !== undefined) return known
  const made = new Intl.NumberFormat(language, options)
  numbers.set(key, made)
  return made
}

const day = { dateStyle: 'medium', timeZone: 'UTC' } as const

/** Of a calendar day. */
export const dayFormats: Readonly<Record<Language, Intl.DateTimeFormat>> = {
  de: new Intl.DateTimeFormat('de', day),
  en: new Intl.DateTimeFormat('en', day),
}
