import { bothLanguages } from './both-languages.ts'

interface ErrorText {
  readonly title: string
  readonly text: string
}

/** Titles and texts of error pages by status; `other` for all that are not named. */
export const errors = bothLanguages<
  Record<'400' | '403' | '404' | '429' | '500' | '503' | 'signedOut' | 'other', ErrorText> & {
    readonly detail: string
    readonly back: string
  }
>({
  de: {
    '400': { title: 'Das geht so nicht', text: 'Die Anfrage war nicht vollständig oder gültig.' },
    '403': { title: 'Nicht erlaubt', text: 'Dafür fehlt Ihnen die Berechtigung.' },
    '404': {
      title: 'Seite nicht gefunden',
      text: 'Unter dieser Adresse gibt es nichts, oder Sie dürfen es nicht sehen.',
    },
    '429': {
      title: 'Zu viele Anfragen',
      text:
        'Von Ihnen kamen sehr viele Anfragen in kurzer Zeit. Versuchen Sie es gleich noch ' +
        'einmal.',
    },
    '500': {
      title: 'Ein Fehler bei uns',
      text:
        'Kontor konnte die Anfrage nicht bearbeiten. Der Betrieb findet die Ursache im ' +
        'Protokoll.',
    },
    '503': {
      title: 'Zurzeit nicht erreichbar',
      text:
        'Kontor ist gerade überlastet oder erreicht seine Datenbank nicht. Versuchen Sie es ' +
        'in Kürze noch einmal.',
    },
    signedOut: {
      title: 'Sie sind nicht mehr angemeldet',
      text:
        'Ihre Sitzung ist abgelaufen, und es wurde nichts gespeichert. Um Ihre Eingaben zu ' +
        'retten: Melden Sie sich zuerst in einem anderen Fenster an, und gehen Sie dann hier ' +
        'im Browser zurück. Steht dort noch, was Sie eingegeben haben, kopieren Sie es in das ' +
        'Formular des anderen Fensters.',
    },
    other: { title: 'Das hat nicht geklappt', text: 'Kontor konnte die Anfrage nicht ausführen.' },
    detail: 'Meldung des Systems:',
    back: 'Zur Startseite',
  },
  en: {
    '400': { title: 'This does not work', text: 'The request was not complete or not valid.' },
    '403': { title: 'Not allowed', text: 'You lack the permission for this.' },
    '404': {
      title: 'Page not found',
      text: 'There is nothing at this address, or you may not see it.',
    },
    '429': {
      title: 'Too many requests',
      text: 'You sent very many requests in a short time. Try again shortly.',
    },
    '500': {
      title: 'An error on our side',
      text: 'Kontor failed to handle the request. The operator finds the cause in the log.',
    },
    '503': {
      title: 'Not available at present',
      text: 'Kontor has too much to do or cannot reach its database. Try again shortly.',
    },
    signedOut: {
      title: 'You are not signed in any more',
      text:
        'Your session has ended, and nothing was saved. To save what you entered: sign in in ' +
        'another window first, and then go back here in your browser. If what you entered is ' +
        'still there, copy it to the form in the other window.',
    },
    other: { title: 'This did not work', text: 'Kontor could not carry out the request.' },
    detail: 'Message of the system:',
    back: 'To the start page',
  },
})
