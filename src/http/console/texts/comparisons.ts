import { bothLanguages } from './both-languages.ts'

/** Comparisons that were frozen. */
export const comparisons = bothLanguages({
  de: {
    short: 'Vergleiche',
    title: 'Festgehaltene Vergleiche',
    lead: 'Vergleiche, wie sie waren: Spätere Preise ändern nichts daran.',
    none: 'Es gibt keine. Vergleichen Sie Pläne im Katalog, und halten Sie den Vergleich fest.',
    at: 'Vom',
    by: 'Von',
    note: 'Vermerk',
    organisation: 'Organisation',
    more: 'Ältere',
    one: 'Festgehaltener Vergleich',
    integrity: 'Unversehrtheit',
    unchanged: 'unverändert seit dem Festhalten',
    changed: 'an Kontor vorbei verändert: taugt nicht als Nachweis',
    digest: 'Prüfwert',
    back: 'Alle Vergleiche',
    freeze: {
      title: 'Vergleich festhalten',
      lead: 'Er bleibt, wie er jetzt ist, und taugt als Nachweis Ihrer Auswahl.',
      send: 'Festhalten',
    },
  },
  en: {
    short: 'Comparisons',
    title: 'Frozen comparisons',
    lead: 'Comparisons as they were: later prices change nothing in them.',
    none: 'There are none. Compare plans in the catalog, and freeze the comparison.',
    at: 'Of',
    by: 'By',
    note: 'Note',
    organisation: 'Organisation',
    more: 'Older ones',
    one: 'Frozen comparison',
    integrity: 'Integrity',
    unchanged: 'unchanged since it was frozen',
    changed: 'changed past Kontor: no evidence any more',
    digest: 'Digest',
    back: 'All comparisons',
    freeze: {
      title: 'Freeze the comparison',
      lead: 'It stays as it is now, as evidence of your choice.',
      send: 'Freeze',
    },
  },
})
