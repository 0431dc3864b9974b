import { bothLanguages } from './both-languages.ts'

/** The pages that change or end what an order has made. */
export const orderChanges = bothLanguages({
  de: {
    change: 'Plan oder Angaben ändern',
    changeOf: (name: string) => `${name}: ändern`,
    plan: 'Plan',
    current: 'jetzt',
    chosen: 'gewählt',
    choose: 'Diesen Plan wählen',
    parameters: 'Angaben zum Dienst',
    consequence: (provider: string) =>
      `Die Änderung geht sofort an ${provider}. Gelingt sie nicht, bleibt es beim Alten.`,
    count: 'Kosten neu berechnen',
    conflict:
      'Es ist nichts geändert: Inzwischen gilt etwas anderes. Bitte sehen Sie es sich an. Wenn ' +
      'Sie noch einmal bestellen, gilt, was Sie hier eingegeben haben.',
    submitChange: 'Änderung verbindlich bestellen',
    nothing: 'Sie haben nichts geändert.',
    cancel: 'Kündigen',
    cancelOf: (name: string) => `${name}: kündigen`,
    effects: 'Das geschieht',
    endsAt: 'Endet am',
    retained: 'Daten abrufbar bis',
    notice: 'Kündigungsfrist',
    term: 'Mindestlaufzeit',
    lost: 'Danach gibt es den Dienst und seine Zugänge nicht mehr.',
    again:
      'Das Ende ist beim Anbieter gescheitert. Kontor versucht es weiter; mit dem nächsten ' +
      'Schritt versucht Kontor es sofort noch einmal.',
    otherEnd: 'Der nächstmögliche Zeitpunkt ist jetzt ein anderer. Bitte sehen Sie ihn sich an.',
    when: 'Wann',
    atEnd: (day: string) => `zum nächstmöglichen Zeitpunkt: ${day}`,
    now: 'sofort; bis zum Ende der Laufzeit wird trotzdem berechnet',
    typeName: (name: string) => `Zur Sicherheit: Geben Sie den Namen „${name}“ ein`,
    wrongName:
      'Das ist nicht der Name des Dienstes. Groß- und Kleinschreibung und Leerzeichen zählen.',
    submitCancel: 'Verbindlich kündigen',
    withdraw: 'Kündigung zurücknehmen',
    back: 'Zurück zur Bestellung',
  },
  en: {
    change: 'Change plan or values',
    changeOf: (name: string) => `${name}: change`,
    plan: 'Plan',
    current: 'now',
    chosen: 'chosen',
    choose: 'Choose this plan',
    parameters: 'About the service',
    consequence: (provider: string) =>
      `The change goes to ${provider} at once. If it fails, everything stays as it is.`,
    count: 'Count the cost anew',
    conflict:
      'Nothing is changed: something else holds by now. Please look at it. If you order once ' +
      'more, what you have entered here holds.',
    submitChange: 'Order the change',
    nothing: 'You have changed nothing.',
    cancel: 'Cancel',
    cancelOf: (name: string) => `${name}: cancel`,
    effects: 'What happens',
    endsAt: 'Ends on',
    retained: 'Data can be fetched until',
    notice: 'Notice period',
    term: 'Minimum term',
    lost: 'After that the service and its bindings are gone.',
    again:
      'The end has failed at the provider. Kontor goes on trying; with the next step it tries ' +
      'again at once.',
    otherEnd: 'The earliest end is another one by now. Please look at it.',
    when: 'When',
    atEnd: (day: string) => `as soon as the terms allow: ${day}`,
    now: 'at once; it is charged until the end of the term all the same',
    typeName: (name: string) => `To be safe: enter the name "${name}"`,
    wrongName: 'This is not the name of the service. Upper and lower case and spaces count.',
    submitCancel: 'Cancel the service',
    withdraw: 'Withdraw the cancellation',
    back: 'Back to the order',
  },
})
