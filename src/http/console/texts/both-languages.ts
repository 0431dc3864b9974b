import type { Language } from '../../../types.gen.ts'

/**
 * The texts of one section in both languages: a key that lacks in one, or stands in one only, is an
 * error of types. A text with a value in it is a function.
 */
export function bothLanguages<T>(texts: { de: T; en: NoInfer<T> }): Record<Language, T> {
  return texts
}
