import { bothLanguages } from './both-languages.ts'

/** What stands around every page. */
export const frame = bothLanguages({
  de: {
    skip: 'Zum Inhalt springen',
    tagline: 'Dienste für die öffentliche Verwaltung',
    navigation: 'Hauptnavigation',
    start: 'Start',
    docs: 'Schnittstellen',
    registrations: 'Anträge',
    signIn: 'Anmelden',
    signOut: 'Abmelden',
    account: 'Konto',
    person: 'Angemeldet als',
    language: 'Sprache',
    footer: 'Über diese Seiten',
    accessibility: 'Erklärung zur Barrierefreiheit',
    feedback: 'Barriere melden',
    licences: 'Lizenzen',
  },
  en: {
    skip: 'Skip to content',
    tagline: 'Services for public administration',
    navigation: 'Main navigation',
    start: 'Start',
    docs: 'Interfaces',
    registrations: 'Requests',
    signIn: 'Sign in',
    signOut: 'Sign out',
    account: 'Account',
    person: 'Signed in as',
    language: 'Language',
    footer: 'About these pages',
    accessibility: 'Accessibility statement',
    feedback: 'Report a barrier',
    licences: 'Licences',
  },
})
