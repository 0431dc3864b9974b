import type { BindingState, InstanceState, OperationKindName } from '../../../types.gen.ts'
import { bothLanguages } from './both-languages.ts'

const de = {
  title: 'Instanzen',
  lead:
    'Alle Dienste, die Ihre Organisationen bestellt haben: über Kontor, Cloud Foundry, ' +
    'Kubernetes und andere Plattformen.',
  leadOfAll:
    'Alle bestellten Dienste, die Sie sehen dürfen: über Kontor, Cloud Foundry, Kubernetes und ' +
    'andere Plattformen.',
  search: 'Suche nach Name, Dienst, Plan oder ID',
  searchButton: 'Suchen',
  organisation: 'Organisation',
  filters: 'Filter',
  all: 'alle',
  expiring: 'Zugangsdaten laufen in 30 Tagen ab',
  remove: 'Filter entfernen:',
  none: 'Es gibt keine Instanzen, zu denen alles passt.',
  noneOfYours: 'Ihre Organisationen haben zurzeit keinen Dienst.',
  noneAtAll: 'Zurzeit gibt es hier keine Instanzen.',
  noBindings: 'Es gibt keine Zugänge, zu denen alles passt.',
  more: 'Ältere',
  csv: 'Als CSV-Datei laden',
  toBindings: 'Alle Zugänge',
  newest: (count: number) => `Das sind die neuesten ${count}.`,
  back: 'Zu den Instanzen',
  toOrder: (number: string) => `Zur Bestellung ${number}`,
  name: 'Name',
  state: 'Stand',
  offering: 'Dienst',
  plan: 'Plan',
  platform: 'Plattform',
  provider: 'Anbieter',
  bindings: 'Zugänge',
  binding: 'Zugang',
  instance: 'Instanz',
  instanceId: 'ID auf der Plattform',
  id: 'ID in Kontor',
  upstreamId: 'ID beim Anbieter',
  labels: 'Etiketten',
  labelling: {
    title: 'Etiketten ändern',
    hint: 'Eines je Zeile, zum Beispiel env=prod; höchstens 32',
    send: 'Etiketten speichern',
    wrong:
      'Jede Zeile ist Schlüssel=Wert, jeder Schlüssel nur einmal: Buchstaben, Ziffern, „-“, „_“ ' +
      'und „.“, höchstens 63, am Anfang und am Ende ein Buchstabe oder eine Ziffer.',
  },
  owner: 'Zuständig',
  costCentre: 'Kostenstelle',
  version: 'Version',
  dashboard: 'Oberfläche des Anbieters',
  created: 'Bestellt',
  updated: 'Zuletzt geändert',
  deleted: 'Gelöscht',
  expires: 'Läuft ab',
  elsewhere: (platform: string) =>
    `Diese Instanz wurde über die Plattform ${platform} bestellt. Dort wird sie geändert und ` +
    'gelöscht, und dort stehen ihre Zugangsdaten.',
  notUsable: 'nicht benutzbar',
  expired: 'abgelaufen',
  renew: (time: string) => `erneuern bis ${time}`,
  running: {
    provision: 'wird bereitgestellt',
    update: 'wird geändert',
    deprovision: 'wird gelöscht',
    bind: 'wird angelegt',
    unbind: 'wird gelöscht',
  } satisfies Record<OperationKindName, string> as Record<OperationKindName, string>,
  states: {
    provisioning: 'wird bereitgestellt',
    ready: 'bereit',
    failed: 'fehlgeschlagen',
    gone: 'gelöscht',
  } satisfies Record<InstanceState, string> as Record<InstanceState, string>,
  bindingStates: {
    binding: 'wird angelegt',
    ready: 'bereit',
    failed: 'fehlgeschlagen',
    gone: 'gelöscht',
  } satisfies Record<BindingState, string> as Record<BindingState, string>,
}

export const instances = bothLanguages<typeof de>({
  de,
  en: {
    title: 'Instances',
    lead:
      'All services that your organisations have ordered: through Kontor, Cloud Foundry, ' +
      'Kubernetes and other platforms.',
    leadOfAll:
      'All services ordered that you may see: through Kontor, Cloud Foundry, Kubernetes and ' +
      'other platforms.',
    search: 'Search for name, service, plan or id',
    searchButton: 'Search',
    organisation: 'Organisation',
    filters: 'Filters',
    all: 'all',
    expiring: 'Credentials end within 30 days',
    remove: 'Remove the filter:',
    none: 'There are no instances that fit all of this.',
    noneOfYours: 'Your organisations have no service at present.',
    noneAtAll: 'There are no instances here at present.',
    noBindings: 'There are no bindings that fit all of this.',
    more: 'Older ones',
    csv: 'Get as a CSV file',
    toBindings: 'All bindings',
    newest: (count) => `These are the newest ${count}.`,
    back: 'To the instances',
    toOrder: (number) => `To the order ${number}`,
    name: 'Name',
    state: 'State',
    offering: 'Service',
    plan: 'Plan',
    platform: 'Platform',
    provider: 'Provider',
    bindings: 'Bindings',
    binding: 'Binding',
    instance: 'Instance',
    instanceId: 'Id on the platform',
    id: 'Id in Kontor',
    upstreamId: 'Id at the provider',
    labels: 'Labels',
    labelling: {
      title: 'Change labels',
      hint: 'One a line, such as env=prod; at most 32',
      send: 'Save labels',
      wrong:
        'Each line is key=value, each key once only: letters, digits, "-", "_" and ".", at most ' +
        '63, with a letter or a digit at the beginning and at the end.',
    },
    owner: 'Owner',
    costCentre: 'Cost centre',
    version: 'Version',
    dashboard: "The provider's dashboard",
    created: 'Ordered',
    updated: 'Last changed',
    deleted: 'Deleted',
    expires: 'Ends',
    elsewhere: (platform) =>
      `This instance was ordered through the platform ${platform}. It is changed and deleted ` +
      'there, and its credentials are there.',
    notUsable: 'not usable',
    expired: 'expired',
    renew: (time) => `renew before ${time}`,
    running: {
      provision: 'being provisioned',
      update: 'being changed',
      deprovision: 'being deleted',
      bind: 'being created',
      unbind: 'being deleted',
    },
    states: {
      provisioning: 'being provisioned',
      ready: 'ready',
      failed: 'failed',
      gone: 'deleted',
    },
    bindingStates: { binding: 'being created', ready: 'ready', failed: 'failed', gone: 'deleted' },
  },
})
