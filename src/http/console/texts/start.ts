import { bothLanguages } from './both-languages.ts'

export const start = bothLanguages({
  de: {
    title: 'Start',
    heading: 'Ein Katalog für alle Rechenzentren',
    lead:
      'Kontor führt die Dienste vieler Rechenzentren in einem Katalog zusammen. Behörden von ' +
      'Bund, Ländern und Kommunen bestellen sie über eine Stelle.',
    withoutRole: {
      title: 'Sie haben noch keine Rolle in einer Behörde',
      text:
        'Melden Sie Ihre Behörde an, oder bitten Sie um eine Rolle in einer, die schon dabei ' +
        'ist. Danach können Sie Dienste suchen und bestellen.',
      requests: 'Ihre Anträge',
    },
    agencies: {
      title: 'Für Behörden',
      text:
        'Dienste suchen, Pläne und Preise vergleichen. Beim ersten Mal melden Sie Ihre Behörde ' +
        'an oder treten ihr bei.',
      link: 'Katalog ansehen',
    },
    platforms: {
      title: 'Für Plattformen',
      text:
        'Cloud Foundry, Kubernetes und Pipelines bestellen über die Open Service Broker API ' +
        '2.17, mit den Werkzeugen, die sie schon haben.',
      link: 'Schnittstellen ansehen',
    },
    operators: {
      title: 'Für den Betrieb',
      text:
        'Organisationen, Plattformen, Regeln und Kontingente verwalten Betreiber über die ' +
        'Verwaltungs-API oder die Befehlszeile.',
      link: 'OpenAPI-Dokument laden',
    },
  },
  en: {
    title: 'Start',
    heading: 'One catalog for all data centres',
    lead:
      'Kontor merges the services of many data centres in one catalog. Federal, state and ' +
      'municipal agencies order them at one place.',
    withoutRole: {
      title: 'You have no role in an agency yet',
      text:
        'Register your agency, or ask for a role in one that has joined already. After that you ' +
        'can find and order services.',
      requests: 'Your requests',
    },
    agencies: {
      title: 'For agencies',
      text:
        'Find services, compare plans and prices. The first time you register your agency, or ' +
        'ask to join it.',
      link: 'See the catalog',
    },
    platforms: {
      title: 'For platforms',
      text:
        'Cloud Foundry, Kubernetes and pipelines order through the Open Service Broker API 2.17, ' +
        'with the tools that they have.',
      link: 'See the interfaces',
    },
    operators: {
      title: 'For operators',
      text:
        'Operators manage organisations, platforms, rules and quotas through the management API ' +
        'or the command line.',
      link: 'Get the OpenAPI document',
    },
  },
})
