// Numbers as people in Germany and elsewhere write them. One reader for both languages: what one
// would misread for the other is asked about.
import type { Language } from '../types.gen.ts'

export type ReadNumber =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'no_number' | 'inexact' }
  /** Thousands in one language, decimals in the other. */
  | { readonly kind: 'ambiguous'; readonly large: number; readonly small: number }

/** `1.000,50` and `1,000.50` are 1000.5; `1.000` and `1,000` are ambiguous. */
export function readNumber(text: string): ReadNumber {
  const compact = text
    .trim()
    .replaceAll(/(?<=\d)[ '\u2019\u00A0\u2009\u202F](?=\d{3}(?!\d))/g, '')
    .replace(/^[\u2212\u2013]/, '-')
  const isEither = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/.test(compact)
  if (isEither) {
    const digits = Number(compact.replace(/[.,]/, ''))
    return { kind: 'ambiguous', large: digits, small: digits / 1_000 }
  }
  const plain = plainOf(compact)
  if (plain === undefined) return { kind: 'no_number' }
  const value = Number(plain)
  if (!Number.isFinite(value)) return { kind: 'inexact' }
  return isExact(plain, value) ? { kind: 'number', value } : { kind: 'inexact' }
}

/** A double holds integers of 15 digits; another number than the one typed must not be ordered. */
function isExact(plain: string, value: number): boolean {
  if (!/^[+-]?\d{16,}$/.test(plain)) return true
  return String(value) === plain || BigInt(plain.replace('+', '')) === BigInt(value)
}

/** As JSON writes it, maybe with a plus or leading zeros; undefined: it is no number. */
function plainOf(text: string): string | undefined {
  if (/^[+-]?\d+([.,]\d+)?(e[+-]?\d+)?$/i.test(text)) return text.replace(',', '.')
  const [, sign = '', whole = '', decimals = ''] =
    /^([+-]?)(\d{1,3}(?:\.\d{3})+),(\d+)$/.exec(text) ??
    /^([+-]?)(\d{1,3}(?:,\d{3})+)\.(\d+)$/.exec(text) ??
    /^([+-]?)(\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:,\d{3}){2,})$/.exec(text) ??
    []
  if (whole === '') return undefined
  return `${sign}${whole.replaceAll(/[.,]/g, '')}${decimals && `.${decimals}`}`
}

/** A number so that `readNumber` reads it again, with the decimal mark of the language. */
export function writeNumber(value: number, language: Language): string {
  const text = String(value)
  const clear = /^-?[1-9]\d{0,2}\.\d{3}$/.test(text) ? `${text}0` : text
  return language === 'de' ? clear.replace('.', ',') : clear
}
