import { bothLanguages } from './both-languages.ts'

export const form = bothLanguages({
  de: {
    wrong: 'Bitte prüfen Sie Ihre Angaben',
    check: 'Diese Angabe fehlt oder ist nicht gültig.',
    optional: '(freiwillig)',
    back: 'Zurück, ohne etwas zu ändern',
  },
  en: {
    wrong: 'Please check what you entered',
    check: 'This is missing or not valid.',
    optional: '(optional)',
    back: 'Back, without a change',
  },
})
