import type { DeletionCertificate } from '../../../types.gen.ts'
import { bothLanguages } from './both-languages.ts'

type By = NonNullable<DeletionCertificate['confirmedBy']> | 'unknown'

interface CertificateTexts {
  readonly title: string
  readonly lead: string
  readonly one: (number: string) => string
  readonly what: string
  readonly offering: string
  readonly plan: string
  readonly provider: string
  readonly organisation: string
  readonly beneficiary: string
  readonly instanceId: string
  readonly submitted: string
  readonly endedBy: string
  readonly ordered: string
  readonly deleted: string
  readonly confirmed: string
  readonly confirmedBy: Readonly<Record<By, string>>
  readonly retained: string
  readonly retainedUntil: (days: number, time: string) => string
  readonly notRetained: string
  readonly proof: string
  readonly proofText: string
  readonly unproven: string
  readonly names: string
  readonly unprovenText: (what: string) => string
  readonly event: string
  readonly position: string
  readonly hash: string
  readonly digest: string
  readonly seal: string
  readonly json: string
}

/** The deletion certificate of an order. */
export const certificate = bothLanguages<CertificateTexts>({
  de: {
    title: 'Löschnachweis',
    lead: 'Dieser Nachweis sagt, was gelöscht wurde, wann, auf wessen Kündigung und wer das sagt.',
    one: (number) => `Löschnachweis zur Bestellung ${number}`,
    what: 'Gelöscht wurde',
    offering: 'Dienst',
    plan: 'Plan',
    provider: 'Anbieter',
    organisation: 'Bestellt von',
    beneficiary: 'Genutzt von',
    instanceId: 'ID der Instanz',
    submitted: 'Bestellt am',
    endedBy: 'Gekündigt von',
    ordered: 'Löschung in Auftrag gegeben',
    deleted: 'Als gelöscht gemeldet',
    confirmed: 'Wer das sagt',
    confirmedBy: {
      answer:
        'Der Anbieter hat auf den Auftrag geantwortet, dass der Dienst gelöscht ist oder dass ' +
        'es ihn bei ihm nicht mehr gibt.',
      poll:
        'Der Anbieter hat den Auftrag angenommen und später gemeldet, dass der Dienst gelöscht ' +
        'ist oder dass es ihn nicht mehr gibt.',
      'look-up':
        'Kontor hat auf den Auftrag keine brauchbare Antwort erhalten. Kontor hat nachgesehen: ' +
        'Den Dienst gibt es beim Anbieter nicht mehr.',
      operator:
        'Der Betrieb von Kontor hat das festgestellt. Eine Bestätigung des Anbieters liegt ' +
        'Kontor nicht vor.',
      unknown: 'Das wurde damals nicht festgehalten.',
    },
    retained: 'Aufbewahrung beim Anbieter',
    retainedUntil: (days, time) =>
      `Nach seinen Angaben bei der Bestellung bewahrt der Anbieter die Daten noch ${days} Tage ` +
      `auf, also bis ${time}. Ob er sie danach gelöscht hat, sagt dieser Nachweis nicht.`,
    notRetained:
      'Der Anbieter hat bei der Bestellung nicht angegeben, wie lange er Daten nach dem Ende ' +
      'aufbewahrt.',
    proof: 'Prüfen',
    proofText:
      'Der Nachweis beruht auf Ereignissen des Protokolls, dessen Kette niemand unbemerkt ändern ' +
      'kann: der Bestellung, der Kündigung und der Löschung. Hier steht das der Löschung. ' +
      'Prüfsumme und Siegel gelten für die JSON-Fassung.',
    unproven: 'Nicht durch das Protokoll belegt',
    names: 'alle Namen',
    unprovenText: (what) => `${what}. Dafür gilt, was beim Ausstellen in der Datenbank stand.`,
    event: 'Ereignis',
    position: 'Stelle in der Kette',
    hash: 'Prüfsumme der Kette',
    digest: 'Prüfsumme (SHA-256)',
    seal: 'Siegel',
    json: 'Als JSON-Datei laden',
  },
  en: {
    title: 'Deletion certificate',
    lead: 'It says what was deleted, when, by whose cancellation, and who says so.',
    one: (number) => `Deletion certificate of the order ${number}`,
    what: 'What was deleted',
    offering: 'Service',
    plan: 'Plan',
    provider: 'Provider',
    organisation: 'Ordered by',
    beneficiary: 'Used by',
    instanceId: 'Id of the instance',
    submitted: 'Ordered on',
    endedBy: 'Cancelled by',
    ordered: 'Deletion ordered',
    deleted: 'Reported as deleted',
    confirmed: 'Who says so',
    confirmedBy: {
      answer:
        'The provider answered the deletion that the service is deleted, or that it does not ' +
        'exist there any more.',
      poll:
        'The provider accepted the deletion and reported later that the service is deleted, or ' +
        'that it does not exist any more.',
      'look-up':
        'Kontor got no usable answer to the deletion. It looked: the service does not exist at ' +
        'the provider any more.',
      operator: 'The operator of Kontor found it so. Kontor has no confirmation of the provider.',
      unknown: 'This was not recorded then.',
    },
    retained: 'Kept by the provider',
    retainedUntil: (days, time) =>
      `By what it stated when the service was ordered, the provider keeps the data for ${days} ` +
      `more days, until ${time}. This certificate does not say whether it deleted them after that.`,
    notRetained:
      'When the service was ordered, the provider did not state how long it keeps data after ' +
      'the end.',
    proof: 'Verify',
    proofText:
      'The certificate rests on events of the audit log, whose chain cannot be changed ' +
      'unnoticed: the order, its cancellation and the deletion. That of the deletion is shown ' +
      'here. Digest and seal are those of the JSON version.',
    unproven: 'Not proven by the audit log',
    names: 'all names',
    unprovenText: (what) => `${what}. They are as the database had them at the time of issue.`,
    event: 'Event',
    position: 'Place in the chain',
    hash: 'Hash of the chain',
    digest: 'Digest (SHA-256)',
    seal: 'Seal',
    json: 'Get as a JSON file',
  },
})
