import type { OrderItem } from '../../../types.gen.ts'
import { bothLanguages } from './both-languages.ts'

type Progress = OrderItem['progress']

const de = {
  title: 'Bestellungen',
  one: (number: string) => `Bestellung ${number}`,
  draftOf: (service: string) => `${service} bestellen`,
  checkOf: (service: string) => `${service}: Bestellung prüfen`,
  order: {
    heading: 'Bestellen',
    lead:
      'Sie legen zuerst einen Entwurf an. Bestellt wird erst, wenn Sie ihn geprüft und ' +
      'abgeschickt haben.',
    organisation: 'Bestellen für',
    button: (plan: string) => `Plan „${plan}“ bestellen`,
    noRole:
      'Sie können diesen Dienst ansehen, aber nicht bestellen. Dafür brauchen Sie in Ihrer ' +
      'Organisation die Rolle „Bestellen“.',
    refused: (plan: string) => `Plan „${plan}“ ist nicht bestellbar:`,
    noReason: 'Eine Regel Ihrer Organisation erlaubt ihn nicht.',
  },
  form: {
    lead: (plan: string, organisation: string) => `Plan „${plan}“ für ${organisation}`,
    service: 'Angaben zum Dienst',
    about: 'Angaben zur Bestellung',
    instanceName: 'Name',
    instanceNameHint: 'So finden Sie den Dienst wieder, zum Beispiel „Messenger der Kämmerei“.',
    purpose: 'Zweck',
    purposeHint: 'Wofür der Dienst gebraucht wird. Bitte keine personenbezogenen Daten.',
    costCentre: 'Kostenstelle',
    protectionNeed: 'Schutzbedarf',
    protectionHint: (level: string) => `Dieser Dienst ist höchstens für „${level}“ geeignet.`,
    protectionUnstated: 'Der Anbieter nennt keinen Schutzbedarf; möglich ist nur „normal“.',
    choose: 'Bitte auswählen',
    beneficiary: 'Wer den Dienst nutzt',
    invoiceRecipient: 'Wer die Rechnung bekommt',
    save: 'Entwurf speichern',
    conflict:
      'Der Entwurf wurde inzwischen geändert. Unten steht, was jetzt in ihm steht. Wenn Sie noch ' +
      'einmal speichern, gilt, was Sie hier eingegeben haben.',
    kept: 'Was jetzt im Entwurf steht',
    go: 'Weiter zur Prüfung',
  },
  facts: {
    state: 'Stand',
    provider: 'Anbieter',
    offering: 'Dienst',
    plan: 'Plan',
    organisation: 'Bestellt für',
    orderedBy: 'Bestellt von',
    draftBy: 'Angelegt von',
    submittedAt: 'Abgeschickt am',
    expiresAt: 'Wird gelöscht am',
    endsAt: 'Endet am',
    price: 'Preis (netto)',
    perMonth: 'Im Monat',
    minimumTerm: 'Mindestlaufzeit',
    overTerm: 'Über die Mindestlaufzeit',
    notice: 'Kündigungsfrist',
    retention: 'Daten abrufbar nach dem Ende',
    none: 'keine Angabe',
    months: (count: number) => (count === 1 ? '1 Monat' : `${count} Monate`),
    days: (count: number) => (count === 1 ? '1 Tag' : `${count} Tage`),
    usage: 'Manches wird nach Menge oder Nutzung berechnet und steht erst später fest.',
  },
  check: {
    chosen: 'Ihre Angaben',
    cost: 'Was es kostet',
    results: 'Ergebnis der Prüfung',
    fine: 'Es spricht nichts dagegen: Regeln, Kontingente und Angaben sind geprüft.',
    problems: 'So kann die Bestellung noch nicht abgeschickt werden',
    correct: 'Angaben ändern',
    priceChanged:
      'Der Preis oder die Bedingungen haben sich geändert, seit Sie den Entwurf angelegt haben. ' +
      'Hier steht, was jetzt gilt. Mit dem Abschicken nehmen Sie es an.',
    refused: {
      price:
        'Es ist nichts bestellt: Der Preis oder die Bedingungen haben sich gerade geändert. ' +
        'Bitte sehen Sie sich an, was jetzt gilt.',
      changed:
        'Es ist nichts bestellt: Der Entwurf wurde inzwischen geändert. Bitte prüfen Sie ihn ' +
        'noch einmal.',
    },
    consequence: (organisation: string, provider: string) =>
      `Mit dem nächsten Schritt bestellen Sie verbindlich für ${organisation}. Die Bestellung ` +
      `geht sofort an ${provider}, und es entstehen Kosten.`,
    consequenceFree: (organisation: string, provider: string) =>
      `Mit dem nächsten Schritt bestellen Sie verbindlich für ${organisation}. Die Bestellung ` +
      `geht sofort an ${provider}.`,
    submit: 'Verbindlich bestellen',
  },
  progress: {
    draft: 'Ein Entwurf: Es ist noch nichts bestellt.',
    discarded: 'Der Entwurf wurde verworfen.',
    submitted: 'Die Bestellung ist abgeschickt. Kontor gibt sie gleich an den Anbieter.',
    waiting: 'Es geht erst weiter, wenn sich der Betrieb oder der Anbieter die Bestellung ansieht.',
    provisioning: 'Der Anbieter stellt den Dienst bereit.',
    ready: 'Der Dienst ist bereit.',
    changing: 'Der Anbieter ändert den Dienst.',
    ending: 'Der Dienst wird beendet.',
    ended: 'Der Dienst ist beendet.',
    failed: 'Das ist fehlgeschlagen. Der Verlauf sagt, was geschehen ist.',
  } satisfies Record<Progress, string> as Record<Progress, string>,
  states: {
    draft: 'Entwurf',
    discarded: 'verworfen',
    submitted: 'abgeschickt',
    waiting: 'wartet',
    provisioning: 'wird bereitgestellt',
    ready: 'bereit',
    changing: 'wird geändert',
    ending: 'wird beendet',
    ended: 'beendet',
    failed: 'fehlgeschlagen',
  } satisfies Record<Progress, string> as Record<Progress, string>,
  next: {
    edit: 'Entwurf bearbeiten',
    check: 'Prüfen und bestellen',
    discard: 'Entwurf verwerfen',
    again: 'Noch einmal bestellen',
    refresh: 'Seite neu laden',
    notLive: 'Diese Seite zeigt gerade nichts Neues. Laden Sie sie neu.',
    toInstance: 'Zur Instanz mit ihren Zugängen',
    back: 'Alle Bestellungen',
  },
  now: {
    heading: 'So ist der Dienst jetzt',
    text:
      'Er wurde seit der Bestellung geändert. Weiter unten steht, was bestellt wurde; die ' +
      'Angaben von jetzt stehen im Formular zum Ändern.',
  },
  details: 'Angaben zur Bestellung',
  list: {
    lead: 'Was Ihre Organisationen hier bestellt haben, das Neueste zuerst.',
    search: 'Nummer oder Name',
    searchButton: 'Suchen',
    filter: 'Anzeigen',
    all: 'alle',
    drafts: 'Entwürfe',
    submitted: 'abgeschickte',
    discarded: 'verworfene',
    number: 'Nummer',
    service: 'Dienst',
    name: 'Name',
    when: 'Geändert',
    none: 'Hier ist noch keine Bestellung.',
    nothing: 'Keine Bestellung passt dazu.',
    toCatalog: 'Im Katalog etwas aussuchen',
  },
  start: {
    drafts: 'Ihre Entwürfe',
    latest: 'Ihre letzten Bestellungen',
  },
}

export const orders = bothLanguages<typeof de>({
  de,
  en: {
    title: 'Orders',
    one: (number) => `Order ${number}`,
    draftOf: (service) => `Order ${service}`,
    checkOf: (service) => `${service}: check your order`,
    order: {
      heading: 'Order',
      lead: 'You make a draft first. Nothing is ordered until you have checked and submitted it.',
      organisation: 'Order for',
      button: (plan) => `Order plan "${plan}"`,
      noRole:
        'You can see this service, but not order it. For that you need the role "Order" in your ' +
        'organisation.',
      refused: (plan) => `Plan "${plan}" cannot be ordered:`,
      noReason: 'A rule of your organisation does not allow it.',
    },
    form: {
      lead: (plan, organisation) => `Plan "${plan}" for ${organisation}`,
      service: 'About the service',
      about: 'About the order',
      instanceName: 'Name',
      instanceNameHint: 'To find the service again, such as "Messenger of the treasury".',
      purpose: 'Purpose',
      purposeHint: 'What the service is needed for. Please enter no personal data.',
      costCentre: 'Cost centre',
      protectionNeed: 'Protection need',
      protectionHint: (level) => `This service is suited for "${level}" at most.`,
      protectionUnstated: 'The provider states no protection need; only "normal" is possible.',
      choose: 'Please choose',
      beneficiary: 'Who uses the service',
      invoiceRecipient: 'Who gets the invoice',
      save: 'Save draft',
      conflict:
        'The draft was changed meanwhile. Below is what it holds now. If you save once more, ' +
        'what you have entered here holds.',
      kept: 'What the draft holds now',
      go: 'Continue to the check',
    },
    facts: {
      state: 'State',
      provider: 'Provider',
      offering: 'Service',
      plan: 'Plan',
      organisation: 'Ordered for',
      orderedBy: 'Ordered by',
      draftBy: 'Made by',
      submittedAt: 'Submitted on',
      expiresAt: 'Will be deleted on',
      endsAt: 'Ends on',
      price: 'Price (net)',
      perMonth: 'Per month',
      minimumTerm: 'Minimum term',
      overTerm: 'Over the minimum term',
      notice: 'Notice period',
      retention: 'Data can be fetched after the end',
      none: 'not stated',
      months: (count) => (count === 1 ? '1 month' : `${count} months`),
      days: (count) => (count === 1 ? '1 day' : `${count} days`),
      usage: 'Some of it is charged by quantity or use, and is known only later.',
    },
    check: {
      chosen: 'What you entered',
      cost: 'What it costs',
      results: 'Result of the check',
      fine: 'Nothing hinders it: rules, quotas and what you entered have been checked.',
      problems: 'The order cannot be submitted like this',
      correct: 'Change what you entered',
      priceChanged:
        'The price or the terms have changed since you made the draft. This is what holds now. ' +
        'You accept it when you submit the order.',
      refused: {
        price:
          'Nothing is ordered: the price or the terms have just changed. Please look at what ' +
          'holds now.',
        changed: 'Nothing is ordered: the draft was changed meanwhile. Please check it once more.',
      },
      consequence: (organisation, provider) =>
        `With the next step you place a binding order for ${organisation}. It goes to ` +
        `${provider} at once, and costs arise.`,
      consequenceFree: (organisation, provider) =>
        `With the next step you place a binding order for ${organisation}. It goes to ` +
        `${provider} at once.`,
      submit: 'Place the order',
    },
    progress: {
      draft: 'A draft: nothing is ordered yet.',
      discarded: 'The draft was discarded.',
      submitted: 'The order is submitted. Kontor passes it to the provider in a moment.',
      waiting: 'It goes on when the operator or the provider has looked at it.',
      provisioning: 'The provider provisions the service.',
      ready: 'The service is ready.',
      changing: 'The provider changes the service.',
      ending: 'The service is being ended.',
      ended: 'The service has ended.',
      failed: 'This failed. The history says what happened.',
    },
    states: {
      draft: 'draft',
      discarded: 'discarded',
      submitted: 'submitted',
      waiting: 'waiting',
      provisioning: 'being provisioned',
      ready: 'ready',
      changing: 'being changed',
      ending: 'being ended',
      ended: 'ended',
      failed: 'failed',
    },
    next: {
      edit: 'Edit the draft',
      check: 'Check and order',
      discard: 'Discard the draft',
      again: 'Order again',
      refresh: 'Reload the page',
      notLive: 'This page shows nothing new at present. Reload it.',
      toInstance: 'To the instance with its bindings',
      back: 'All orders',
    },
    now: {
      heading: 'What the service is now',
      text:
        'It was changed after the order. Further down is what was ordered; the values of now ' +
        'are in the form that changes them.',
    },
    details: 'About the order',
    list: {
      lead: 'What your organisations have ordered here, newest first.',
      search: 'Number or name',
      searchButton: 'Search',
      filter: 'Show',
      all: 'all',
      drafts: 'drafts',
      submitted: 'submitted',
      discarded: 'discarded',
      number: 'Number',
      service: 'Service',
      name: 'Name',
      when: 'Changed',
      none: 'There is no order yet.',
      nothing: 'No order matches.',
      toCatalog: 'Find something in the catalog',
    },
    start: {
      drafts: 'Your drafts',
      latest: 'Your latest orders',
    },
  },
})
