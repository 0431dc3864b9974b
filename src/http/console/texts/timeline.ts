import type { OrderTimelineEntry } from '../../../types.gen.ts'
import { bothLanguages } from './both-languages.ts'

type Code = OrderTimelineEntry['code']
type Kind = 'provision' | 'update' | 'deprovision' | 'bind' | 'unbind'

interface TimelineTexts {
  readonly heading: string
  readonly expected: (time: string) => string
  readonly provider: string
  /** Who ordered an operation that people did not order here. */
  readonly platform: (name: string) => string
  readonly sentences: Readonly<Record<Code, string>>
  /** Operations by their kind: what begins, is done, and failed. */
  readonly begun: Readonly<Record<Kind, string>>
  readonly done: Readonly<Record<Kind, string>>
  readonly failed: Readonly<Record<Kind, string>>
}

/** Plain sentences of what was done with an order or an instance. */
export const timeline = bothLanguages<TimelineTexts>({
  de: {
    heading: 'Verlauf',
    expected: (time) => `Voraussichtlich fertig: ${time}`,
    provider: 'Der Anbieter schreibt:',
    platform: (name) => `über die Plattform ${name}`,
    sentences: {
      drafted: 'Entwurf angelegt',
      changed: 'Entwurf geändert',
      discarded: 'Entwurf verworfen',
      submitted: 'Bestellung abgeschickt',
      returned: 'Die Bestellung wurde nicht angenommen und ist wieder ein Entwurf',
      'change-requested': 'Änderung bestellt',
      'upgrade-requested': 'Aktualisierung bestellt',
      'binding-requested': 'Zugang bestellt',
      'unbind-requested': 'Löschung eines Zugangs bestellt',
      'request-refused': 'Das wurde abgelehnt',
      cancelled: 'Gekündigt',
      'cancellation-withdrawn': 'Kündigung zurückgenommen',
      'operation-begun': 'Begonnen',
      'operation-progress': 'Der Anbieter arbeitet daran',
      'operation-repeated': 'Ein Schritt wird wiederholt, weil er nicht gelang',
      'operation-in-doubt':
        'Der Anbieter hat nicht geantwortet. Kontor sieht nach, was daraus geworden ist',
      'operation-undone': 'Es ist nicht gelungen. Kontor räumt beim Anbieter auf',
      'operation-parked': 'Das muss sich der Betrieb ansehen',
      'operation-succeeded': 'Fertig',
      'operation-failed': 'Fehlgeschlagen',
    },
    begun: {
      provision: 'Die Bereitstellung hat begonnen',
      update: 'Die Änderung hat begonnen',
      deprovision: 'Der Dienst wird beendet',
      bind: 'Ein Zugang wird angelegt',
      unbind: 'Ein Zugang wird gelöscht',
    },
    done: {
      provision: 'Der Dienst ist bereitgestellt',
      update: 'Der Dienst ist geändert',
      deprovision: 'Der Dienst ist beendet',
      bind: 'Ein Zugang ist angelegt',
      unbind: 'Ein Zugang ist gelöscht',
    },
    failed: {
      provision: 'Die Bereitstellung ist fehlgeschlagen',
      update: 'Die Änderung ist fehlgeschlagen, es bleibt beim Alten',
      deprovision: 'Der Dienst konnte nicht beendet werden',
      bind: 'Ein Zugang konnte nicht angelegt werden',
      unbind: 'Ein Zugang konnte nicht gelöscht werden',
    },
  },
  en: {
    heading: 'History',
    expected: (time) => `Expected to be done: ${time}`,
    provider: 'The provider writes:',
    platform: (name) => `through the platform ${name}`,
    sentences: {
      drafted: 'Draft made',
      changed: 'Draft changed',
      discarded: 'Draft discarded',
      submitted: 'Order submitted',
      returned: 'The order was not accepted, and is a draft again',
      'change-requested': 'Change ordered',
      'upgrade-requested': 'Upgrade ordered',
      'binding-requested': 'Binding ordered',
      'unbind-requested': 'Deletion of a binding ordered',
      'request-refused': 'This was refused',
      cancelled: 'Cancelled',
      'cancellation-withdrawn': 'Cancellation withdrawn',
      'operation-begun': 'Begun',
      'operation-progress': 'The provider is at work',
      'operation-repeated': 'A step is repeated because it did not succeed',
      'operation-in-doubt': 'The provider gave no answer. Kontor looks up what came of it',
      'operation-undone': 'It did not succeed. Kontor cleans up at the provider',
      'operation-parked': 'The operator must look at it',
      'operation-succeeded': 'Done',
      'operation-failed': 'Failed',
    },
    begun: {
      provision: 'Provisioning has begun',
      update: 'The change has begun',
      deprovision: 'The service is being ended',
      bind: 'A binding is being created',
      unbind: 'A binding is being deleted',
    },
    done: {
      provision: 'The service is provisioned',
      update: 'The service is changed',
      deprovision: 'The service has ended',
      bind: 'A binding is created',
      unbind: 'A binding is deleted',
    },
    failed: {
      provision: 'Provisioning failed',
      update: 'The change failed, and nothing has changed',
      deprovision: 'The service could not be ended',
      bind: 'A binding could not be created',
      unbind: 'A binding could not be deleted',
    },
  },
})
