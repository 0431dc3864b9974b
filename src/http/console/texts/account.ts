import { bothLanguages } from './both-languages.ts'

export const account = bothLanguages({
  de: {
    title: 'Ihr Konto',
    name: 'Name',
    email: 'E-Mail',
    subject: 'Kennung',
    issuer: 'Anmeldedienst',
    unknown: 'nicht bekannt',
    sessions: {
      heading: 'Ihre Sitzungen',
      text: 'In diesen Browsern sind Sie angemeldet. Beenden Sie, was Sie nicht kennen.',
      browser: 'Browser',
      began: 'Angemeldet',
      used: 'Zuletzt benutzt',
      action: 'Aktion',
      end: 'Beenden',
      current: 'diese Sitzung',
      unnamed: 'unbekannt',
    },
  },
  en: {
    title: 'Your account',
    name: 'Name',
    email: 'E-mail',
    subject: 'Identifier',
    issuer: 'Identity provider',
    unknown: 'not known',
    sessions: {
      heading: 'Your sessions',
      text: 'You are signed in in these browsers. End what you do not recognise.',
      browser: 'Browser',
      began: 'Signed in',
      used: 'Last used',
      action: 'Action',
      end: 'End',
      current: 'this session',
      unnamed: 'unknown',
    },
  },
})
