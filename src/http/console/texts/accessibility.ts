import { bothLanguages } from './both-languages.ts'

export const accessibility = bothLanguages({
  de: {
    title: 'Erklärung zur Barrierefreiheit',
    lead: 'Diese Erklärung gilt für die Seiten von Kontor an dieser Adresse.',
    status: {
      heading: 'Stand der Vereinbarkeit',
      text:
        'Die Seiten sind darauf ausgelegt, die EN 301 549 und die WCAG 2.2 auf Stufe AA zu ' +
        'erfüllen. Eine Prüfung durch eine unabhängige Stelle liegt nicht vor.',
    },
    measures: {
      heading: 'Was dafür getan wird',
      items: [
        'Jede Seite wird in beiden Sprachen, hell und dunkel, automatisch auf Barrieren geprüft.',
        'Alles lässt sich mit der Tastatur bedienen; der Fokus ist sichtbar.',
        'Bei 320 Pixeln Breite und bei 400 % Vergrößerung muss nicht quer gerollt werden.',
        'Die Seiten funktionieren ohne JavaScript.',
      ],
    },
    feedback: {
      heading: 'Barrieren melden',
      text: 'Ist Ihnen eine Barriere aufgefallen? Schreiben Sie uns:',
      none:
        'Ist Ihnen eine Barriere aufgefallen? Wenden Sie sich an die Stelle, die diesen Kontor ' +
        'betreibt. Sie hat hier noch keine Adresse für Rückmeldungen eingetragen.',
    },
  },
  en: {
    title: 'Accessibility statement',
    lead: 'This statement is about the pages of Kontor at this address.',
    status: {
      heading: 'Compliance status',
      text:
        'The pages are designed to meet EN 301 549 and WCAG 2.2 at level AA. No independent body ' +
        'has assessed them.',
    },
    measures: {
      heading: 'What is done for it',
      items: [
        'Every page is checked for barriers automatically, in both languages, light and dark.',
        'Everything can be done by keyboard; the focus is visible.',
        'At a width of 320 pixels and at 400 % zoom there is no sideways scrolling.',
        'The pages work without JavaScript.',
      ],
    },
    feedback: {
      heading: 'Report a barrier',
      text: 'Did you find a barrier? Write to us:',
      none:
        'Did you find a barrier? Contact the organisation that runs this Kontor. It has not set ' +
        'an address for feedback here yet.',
    },
  },
})
