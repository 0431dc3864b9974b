import { bothLanguages } from './both-languages.ts'

/** The pages of one binding. */
export const bindings = bothLanguages({
  de: {
    one: (instance: string) => `${instance}: Zugang`,
    id: 'ID des Zugangs',
    back: 'Zur Instanz',
    toBinding: 'Zum Zugang',
    replaces: 'Ersetzt den Zugang',
    renewBefore: 'Erneuern bis',
    expired: 'Die Zugangsdaten sind abgelaufen. Legen Sie einen neuen Zugang an.',
    due: 'Der Anbieter bittet darum, die Zugangsdaten jetzt zu erneuern.',
    credentials: 'Zugangsdaten',
    recorded: 'Wer die Zugangsdaten ansieht, wird jedes Mal festgehalten.',
    reveal: 'Zugangsdaten anzeigen',
    signInFirst: 'Dafür ist eine Anmeldung in den letzten fünf Minuten nötig.',
    signIn: 'Erneut anmelden',
    once:
      'Diese Seite wird nirgends gespeichert und hat keine eigene Adresse. Wenn Sie die ' +
      'Zugangsdaten wieder brauchen, lassen Sie sie erneut anzeigen.',
    none: 'Der Anbieter hat zu diesem Zugang keine Zugangsdaten genannt.',
    cut: 'Nicht alle Werte sind hier gezeigt. Vollständig gibt sie die API aus.',
    show: 'anzeigen oder verbergen',
    copy: 'Kopieren',
    copied: 'Kopiert.',
    replace: 'Zugang ersetzen',
    rotate: 'Nachfolger anlegen',
    rotation: [
      'Der Anbieter legt einen Nachfolger mit neuen Zugangsdaten an. Der alte Zugang gilt weiter.',
      'Stellen Sie Ihre Anwendungen auf die neuen Zugangsdaten um.',
      'Löschen Sie danach den alten Zugang.',
    ],
    replacement: [
      'Dieser Anbieter ersetzt keine Zugänge. Legen Sie einen weiteren an; der alte gilt weiter.',
      'Stellen Sie Ihre Anwendungen auf die neuen Zugangsdaten um.',
      'Löschen Sie danach den alten Zugang.',
    ],
    toCreate: 'Zugang anlegen',
    createFor: (instance: string) => `${instance}: Zugang anlegen`,
    lead: (provider: string) =>
      `${provider} legt Zugangsdaten an, mit denen Ihre Anwendungen den Dienst benutzen.`,
    create: 'Zugang anlegen',
    remove: 'Zugang löschen',
    toRemove: 'Diesen Zugang löschen',
    removeOf: (instance: string) => `${instance}: Zugang löschen`,
    consequence:
      'Die Zugangsdaten gelten dann nicht mehr. Anwendungen, die sie noch benutzen, erreichen ' +
      'den Dienst nicht mehr. Das lässt sich nicht rückgängig machen.',
    removeNow: 'Zugang endgültig löschen',
  },
  en: {
    one: (instance: string) => `${instance}: binding`,
    id: 'Id of the binding',
    back: 'To the instance',
    toBinding: 'To the binding',
    replaces: 'Replaces the binding',
    renewBefore: 'Renew before',
    expired: 'The credentials have expired. Make a new binding.',
    due: 'The provider asks you to renew the credentials now.',
    credentials: 'Credentials',
    recorded: 'Each time a person looks at the credentials, this is recorded.',
    reveal: 'Show the credentials',
    signInFirst: 'This needs a sign-in within the last five minutes.',
    signIn: 'Sign in again',
    once:
      'This page is stored nowhere and has no address of its own. When you need the credentials ' +
      'again, have them shown anew.',
    none: 'The provider gave no credentials for this binding.',
    cut: 'Not all values are shown here. The API gives all of them.',
    show: 'show or hide',
    copy: 'Copy',
    copied: 'Copied.',
    replace: 'Replace the binding',
    rotate: 'Make a successor',
    rotation: [
      'The provider makes a successor with new credentials. The old binding stays valid.',
      'Change your applications over to the new credentials.',
      'Then delete the old binding.',
    ],
    replacement: [
      'This provider replaces no bindings. Make another one; the old one stays valid.',
      'Change your applications over to the new credentials.',
      'Then delete the old binding.',
    ],
    toCreate: 'Make a binding',
    createFor: (instance: string) => `${instance}: make a binding`,
    lead: (provider: string) =>
      `${provider} makes credentials with which your applications use the service.`,
    create: 'Make the binding',
    remove: 'Delete the binding',
    toRemove: 'Delete this binding',
    removeOf: (instance: string) => `${instance}: delete a binding`,
    consequence:
      'The credentials are then no longer valid. Applications that still use them no longer ' +
      'reach the service. This cannot be undone.',
    removeNow: 'Delete it for good',
  },
})
