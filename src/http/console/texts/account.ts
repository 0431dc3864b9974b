import { bothLanguages } from './both-languages.ts'

export const account = bothLanguages({
  de: {
    title: 'Ihr Konto',
    name: 'Name',
    email: 'E-Mail',
    subject: 'Kennung',
    issuer: 'Anmeldedienst',
    unknown: 'nicht bekannt',
    toTokens: 'API-Schlüssel ansehen und anlegen',
    roles: {
      heading: 'Ihre Rollen',
      none: 'Sie haben noch keine Rolle in einer Organisation.',
      organisation: 'Organisation',
      role: 'Rolle',
      action: 'Aktion',
      leave: 'Abgeben',
      leaveOf: (role: string, organisation: string) => `Rolle „${role}“ in ${organisation} abgeben`,
      left:
        'Sie gilt dann sofort nicht mehr, auch in allem darunter. Zurückgeben kann sie Ihnen ' +
        'nur, wer die Organisation verwaltet.',
      fromClaims: 'vom Anmeldedienst',
    },
    notifications: {
      heading: 'E-Mails von Kontor',
      text: 'Sie bekommen eine E-Mail, wenn',
      notSetUp: 'Kontor verschickt hier keine E-Mails: Es ist kein Mailserver eingerichtet.',
      noAddress: 'Ihr Anmeldedienst nennt Kontor keine E-Mail-Adresse. Sie bekommen keine E-Mails.',
      kinds: {
        'order-accepted': 'eine Bestellung angenommen ist, die Zeit braucht',
        'order-ready': 'eine Bestellung bereit ist',
        'order-failed': 'eine Bestellung gescheitert ist',
        'order-ending': 'eine gekündigte Bestellung bald endet',
        'binding-renewal': 'Zugangsdaten zu erneuern sind',
      },
      save: 'Speichern',
    },
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
    toTokens: 'See and create API tokens',
    roles: {
      heading: 'Your roles',
      none: 'You have no role in an organisation yet.',
      organisation: 'Organisation',
      role: 'Role',
      action: 'Action',
      leave: 'Give up',
      leaveOf: (role: string, organisation: string) =>
        `Give up the role "${role}" in ${organisation}`,
      left:
        'It ends at once, also in all below. Only an administrator of the organisation can give ' +
        'it back to you.',
      fromClaims: 'from the identity provider',
    },
    notifications: {
      heading: 'Mail from Kontor',
      text: 'You get a mail when',
      notSetUp: 'Kontor sends no mail here: no mail server is set up.',
      noAddress: 'Your identity provider gives Kontor no mail address. You get no mail.',
      kinds: {
        'order-accepted': 'an order is accepted that takes its time',
        'order-ready': 'an order is ready',
        'order-failed': 'an order has failed',
        'order-ending': 'a cancelled order ends soon',
        'binding-renewal': 'credentials must be renewed',
      },
      save: 'Save',
    },
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
