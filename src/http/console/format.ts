import type { Language } from '../../types.gen.ts'

// Made once: to make one takes longer than to format all times of a page.
const formats: Record<Language, Intl.DateTimeFormat> = {
  de: formatOf('de-DE'),
  en: formatOf('en-GB'),
}

/** A time to the minute, in German time. */
export function dateTime(language: Language, time: Date): string {
  return formats[language].format(time)
}

function formatOf(locale: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'Europe/Berlin',
  })
}
