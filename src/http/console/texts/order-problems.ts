import { bothLanguages } from './both-languages.ts'

/** Sentences by the code of a problem; one without a sentence shows what the system says. */
export const orderProblems = bothLanguages({
  de: {
    sentences: {
      missing: 'Diese Angabe fehlt.',
      cost_centre_unknown: 'Diese Kostenstelle hat weder Ihre Organisation noch eine über ihr.',
      protection_exceeded: 'Der Schutzbedarf ist höher, als dieser Dienst zulässt.',
      protection_unknown:
        'Der Anbieter sagt nicht, welchen Schutzbedarf der Dienst zulässt. Möglich ist nur ' +
        '„normal“.',
      organisation_inactive: 'Diese Organisation ist nicht aktiv.',
      price_changed: 'Der Preis hat sich geändert. Bitte sehen Sie sich den neuen Preis an.',
      invalid_parameters: 'Eine Angabe passt nicht zu den Vorgaben des Anbieters.',
      not_offered: 'Eine Regel erlaubt Ihrer Organisation diesen Plan nicht.',
      unknown_plan: 'Diesen Plan gibt es für Ihre Organisation nicht mehr.',
      plan_withdrawn: 'Der Anbieter bietet diesen Plan nicht mehr an.',
      quota_exceeded: 'Das Kontingent Ihrer Organisation reicht nicht.',
      forbidden: 'Für diese Organisation kann zurzeit nicht bestellt werden.',
      provider_unavailable: 'Der Anbieter nimmt zurzeit keine Bestellungen an.',
      rejected: 'Der Anbieter hat die Bestellung abgelehnt.',
    } as Readonly<Record<string, string>>,
    other: 'Die Bestellung wird so nicht angenommen.',
    system: 'Meldung des Systems:',
  },
  en: {
    sentences: {
      missing: 'This is missing.',
      cost_centre_unknown: 'Neither your organisation nor one above it has this cost centre.',
      protection_exceeded: 'The protection need is higher than this service allows.',
      protection_unknown:
        'The provider does not say which protection need the service allows. Only "normal" is ' +
        'possible.',
      organisation_inactive: 'This organisation is not active.',
      price_changed: 'The price has changed. Please look at the new price.',
      invalid_parameters: 'Something that you entered does not fit what the provider asks for.',
      not_offered: 'A rule does not allow this plan for your organisation.',
      unknown_plan: 'Your organisation does not have this plan any more.',
      plan_withdrawn: 'The provider does not offer this plan any more.',
      quota_exceeded: 'The quota of your organisation does not suffice.',
      forbidden: 'Nothing can be ordered for this organisation at present.',
      provider_unavailable: 'The provider takes no orders at present.',
      rejected: 'The provider has refused the order.',
    },
    other: 'The order is not accepted like this.',
    system: 'Message of the system:',
  },
})
