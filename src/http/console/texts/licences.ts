import { bothLanguages } from './both-languages.ts'

export const licences = bothLanguages({
  de: {
    title: 'Lizenzen',
    lead: 'Diese Seiten verwenden die Arbeit anderer:',
    kern:
      'Gestaltung und Bausteine: KERN UX-Standard, Paket @kern-ux/native, unverändert verwendet ' +
      'unter der EUPL 1.2.',
    kernLicence: 'Lizenztext der EUPL 1.2',
    kernSource: 'Quelltext von KERN',
    fira: 'Schrift: Fira Sans, Copyright Mozilla und Telefónica, SIL Open Font License 1.1.',
  },
  en: {
    title: 'Licences',
    lead: 'These pages use the work of others:',
    kern:
      'Design and components: KERN UX standard, package @kern-ux/native, used unmodified under ' +
      'the EUPL 1.2.',
    kernLicence: 'Text of the EUPL 1.2',
    kernSource: 'Source code of KERN',
    fira: 'Font: Fira Sans, copyright Mozilla and Telefónica, SIL Open Font License 1.1.',
  },
})
