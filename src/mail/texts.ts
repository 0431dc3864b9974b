import type { Language } from '../types.gen.ts'
import type { MailFacts, MailWords, OrderFacts } from './mail.ts'
import { oneLine } from './one-line.ts'

export interface MailText {
  readonly subject: string
  /** Paragraphs; the link and the closing follow. */
  readonly paragraphs: readonly string[]
}

const locales: Record<Language, string> = { de: 'de-DE', en: 'en-GB' }

/** The text of a mail. What people, issuers and providers have named is one line each. */
export function mailText(language: Language, facts: MailFacts): MailText {
  const say = sentences[language]
  switch (facts.kind) {
    case 'order-accepted':
      return say.accepted(facts.order.number, whatOf(language, facts.order))
    case 'order-ready':
      return say.ready(facts.order.number, whatOf(language, facts.order))
    case 'order-failed':
      return say.failed(facts.order.number, whatOf(language, facts.order))
    case 'order-ending':
      return say.ending(
        facts.order.number,
        whatOf(language, facts.order),
        day(language, facts.endsAt),
      )
    case 'binding-renewal':
      return say.renewal(
        oneLine(facts.instance),
        facts.expiresAt === null ? undefined : day(language, facts.expiresAt),
      )
    case 'invitation':
      return say.invitation(oneLine(facts.organisation))
    case 'registration-accepted':
      return say.registered(oneLine(facts.organisation))
    case 'registration-refused':
      return say.refused(
        oneLine(facts.organisation),
        facts.reason === null ? undefined : oneLine(facts.reason, maxReason),
      )
    default:
      return facts satisfies never
  }
}

const maxReason = 500

function whatOf(language: Language, { offering, plan, instance }: OrderFacts): string {
  const words = (of: MailWords) => oneLine(of[language])
  const ordered = `${words(offering)}, ${words(plan)}`
  return instance === null ? ordered : `${oneLine(instance)} (${ordered})`
}

function day(language: Language, time: string): string {
  return new Intl.DateTimeFormat(locales[language], {
    dateStyle: 'long',
    timeZone: 'Europe/Berlin',
  }).format(new Date(time))
}

interface Sentences {
  accepted(number: string, what: string): MailText
  ready(number: string, what: string): MailText
  failed(number: string, what: string): MailText
  ending(number: string, what: string, on: string): MailText
  renewal(instance: string, on: string | undefined): MailText
  invitation(organisation: string): MailText
  registered(organisation: string): MailText
  refused(organisation: string, reason: string | undefined): MailText
}

const sentences: Record<Language, Sentences> = {
  de: {
    accepted: (number, what) => ({
      subject: `Bestellung ${number} ist angenommen`,
      paragraphs: [
        `Ihre Bestellung ${number} ist angenommen und wird bereitgestellt.`,
        `Bestellt ist: ${what}`,
      ],
    }),
    ready: (number, what) => ({
      subject: `Bestellung ${number} ist bereit`,
      paragraphs: [`Ihre Bestellung ${number} ist bereit.`, `Bestellt ist: ${what}`],
    }),
    failed: (number, what) => ({
      subject: `Bestellung ${number} ist gescheitert`,
      paragraphs: [
        `Ihre Bestellung ${number} konnte nicht bereitgestellt werden. Warum, und was Sie tun ` +
          'können, steht auf ihrer Seite.',
        `Bestellt ist: ${what}`,
      ],
    }),
    ending: (number, what, on) => ({
      subject: `Bestellung ${number} endet am ${on}`,
      paragraphs: [
        `Die Bestellung ${number} ist gekündigt und endet am ${on}. Sichern Sie vorher die ` +
          'Daten, die Sie noch brauchen. Bis dahin lässt sich die Kündigung zurücknehmen.',
        `Bestellt ist: ${what}`,
      ],
    }),
    renewal: (instance, on) => ({
      subject: `Zugangsdaten sind zu erneuern: ${instance}`,
      paragraphs: [
        on === undefined
          ? `Zugangsdaten der Instanz ${instance} sind zu erneuern.`
          : `Zugangsdaten der Instanz ${instance} sind zu erneuern: Sie gelten bis zum ${on}.`,
        'Ersetzen Sie sie und stellen Sie Ihre Anwendungen um. Die Zugangsdaten selbst stehen ' +
          'nie in einer E-Mail.',
      ],
    }),
    invitation: (organisation) => ({
      subject: `Einladung: ${organisation}`,
      paragraphs: [
        `Sie sind in die Organisation ${organisation} eingeladen.`,
        'Melden Sie sich mit dieser E-Mail-Adresse an, um die Einladung anzunehmen. Wenn Sie ' +
          'nichts damit anfangen können, tun Sie nichts.',
      ],
    }),
    registered: (organisation) => ({
      subject: `Ihr Antrag ist angenommen: ${organisation}`,
      paragraphs: [`Ihr Antrag für die Organisation ${organisation} ist angenommen.`],
    }),
    refused: (organisation, reason) => ({
      subject: `Ihr Antrag ist abgelehnt: ${organisation}`,
      paragraphs: [
        `Ihr Antrag für die Organisation ${organisation} ist abgelehnt.`,
        ...(reason === undefined ? [] : [`Begründung: ${reason}`]),
      ],
    }),
  },
  en: {
    accepted: (number, what) => ({
      subject: `Order ${number} is accepted`,
      paragraphs: [
        `Your order ${number} is accepted and is being provided.`,
        `You ordered: ${what}`,
      ],
    }),
    ready: (number, what) => ({
      subject: `Order ${number} is ready`,
      paragraphs: [`Your order ${number} is ready.`, `You ordered: ${what}`],
    }),
    failed: (number, what) => ({
      subject: `Order ${number} has failed`,
      paragraphs: [
        `Your order ${number} could not be provided. Its page says why, and what you can do.`,
        `You ordered: ${what}`,
      ],
    }),
    ending: (number, what, on) => ({
      subject: `Order ${number} ends on ${on}`,
      paragraphs: [
        `The order ${number} is cancelled and ends on ${on}. Save the data that you still need ` +
          'before. Until then the cancellation can be withdrawn.',
        `Ordered was: ${what}`,
      ],
    }),
    renewal: (instance, on) => ({
      subject: `Credentials must be renewed: ${instance}`,
      paragraphs: [
        on === undefined
          ? `Credentials of the instance ${instance} must be renewed.`
          : `Credentials of the instance ${instance} must be renewed: they are valid until ${on}.`,
        'Replace them, and have your applications use the new ones. The credentials themselves ' +
          'are never in a mail.',
      ],
    }),
    invitation: (organisation) => ({
      subject: `Invitation: ${organisation}`,
      paragraphs: [
        `You are invited to the organisation ${organisation}.`,
        'Sign in with this mail address to accept the invitation. If it means nothing to you, do ' +
          'nothing.',
      ],
    }),
    registered: (organisation) => ({
      subject: `Your request is accepted: ${organisation}`,
      paragraphs: [`Your request for the organisation ${organisation} is accepted.`],
    }),
    refused: (organisation, reason) => ({
      subject: `Your request is refused: ${organisation}`,
      paragraphs: [
        `Your request for the organisation ${organisation} is refused.`,
        ...(reason === undefined ? [] : [`Reason: ${reason}`]),
      ],
    }),
  },
}
