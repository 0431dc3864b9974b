import type { Language } from '../../types.gen.ts'

const locales: Record<Language, string> = { de: 'de-DE', en: 'en-GB' }

/** A time to the minute, in German time. */
export function dateTime(language: Language, time: Date): string {
  return new Intl.DateTimeFormat(locales[language], {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'Europe/Berlin',
  }).format(time)
}
