/** A person of the demo, invented. */
export interface DemoPerson {
  /** The claim `sub`. */
  readonly subject: string
  readonly name: string
  readonly email: string
  /** Where the person works, for the page on which one picks a person. */
  readonly place: string
  /** What the person does there. */
  readonly part: { readonly de: string; readonly en: string }
  readonly roles: readonly string[]
  /** Names of organisations, for the role agency. */
  readonly organisations: readonly string[]
  /** Names of providers, for the role provider. */
  readonly providers: readonly string[]
}

function person(
  subject: string,
  name: string,
  place: string,
  part: DemoPerson['part'],
  claims: Partial<Pick<DemoPerson, 'roles' | 'organisations' | 'providers'>> = {},
): DemoPerson {
  const { roles = [], organisations = [], providers = [] } = claims
  const email = `${subject}@kontor.example`
  return { subject, name, email, place, part, roles, organisations, providers }
}

export const demoPeople: readonly DemoPerson[] = [
  person(
    'erika.muster',
    'Erika Muster',
    'Stadt Musterstadt',
    { de: 'verwaltet ihre Behörde', en: 'administers her agency' },
    { roles: ['agency'], organisations: ['musterstadt'] },
  ),
  person(
    'linus.land',
    'Linus Land',
    'Land Musterland',
    { de: 'verwaltet das Land und seine Kommunen', en: 'administers the state and its towns' },
    { roles: ['agency'], organisations: ['musterland'] },
  ),
  person(
    'nora.wolke',
    'Nora Wolke',
    'Nordwolke AöR',
    { de: 'betreut die Dienste eines Rechenzentrums', en: 'keeps the services of a data centre' },
    { roles: ['provider'], providers: ['nordwolke'] },
  ),
  person(
    'otto.betrieb',
    'Otto Betrieb',
    'Kontor',
    { de: 'betreibt den Marktplatz', en: 'runs the marketplace' },
    { roles: ['operator'] },
  ),
  person(
    'rita.revision',
    'Rita Revision',
    'Kontor',
    { de: 'prüft und liest alles', en: 'audits and reads everything' },
    { roles: ['auditor'] },
  ),
  person('nina.neu', 'Nina Neu', 'Gemeinde Neuental', {
    de: 'hat noch keine Rolle und will ihre Behörde anmelden',
    en: 'has no role yet and wants to register her agency',
  }),
]
