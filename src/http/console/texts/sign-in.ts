import { bothLanguages } from './both-languages.ts'

export const signIn = bothLanguages({
  de: {
    title: 'Anmelden',
    choose: 'Wo möchten Sie sich anmelden?',
    none:
      'An diesem Kontor können sich Personen noch nicht anmelden. Der Betrieb muss dafür einen ' +
      'Anmeldedienst eintragen.',
  },
  en: {
    title: 'Sign in',
    choose: 'Where do you want to sign in?',
    none:
      'People cannot sign in to this Kontor yet. Its operator must enter an identity provider ' +
      'first.',
  },
})
