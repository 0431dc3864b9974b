import type { MailConfig } from '../mail-config.ts'
import type { Language } from '../types.gen.ts'
import type { ClaimedMail, MailFacts } from './mail.ts'
import { oneLine } from './one-line.ts'
import type { Recipient } from './recipient.ts'
import { mailText } from './texts.ts'

/** A mail as it is handed to the server. */
export interface Message {
  readonly from: Address
  readonly to: Address
  readonly subject: string
  readonly text: string
  /** The same at each attempt, so that a mail that came twice is known as one. */
  readonly messageId: string
  readonly date: Date
  readonly headers: Readonly<Record<string, string>>
}

interface Address {
  readonly name: string
  readonly address: string
}

/** The same mail gives the same message at each attempt. */
export function compose(
  { from, publicUrl }: Pick<MailConfig, 'from' | 'publicUrl'>,
  { id, facts, createdAt }: Pick<ClaimedMail, 'id' | 'facts' | 'createdAt'>,
  { address, name, language }: Recipient,
): Message {
  const { subject, paragraphs } = mailText(language, facts)
  const link = new URL(pathOf(facts), publicUrl).href
  return {
    from: { name: 'Kontor', address: from },
    to: { name: oneLine(name ?? ''), address },
    subject,
    text: [...paragraphs, link, closings[language](facts, publicUrl)].join('\n\n') + '\n',
    messageId: `<${id}@${publicUrl.hostname}>`,
    date: createdAt,
    // RFC 3834: no vacation notice answers it.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  }
}

function pathOf(facts: MailFacts): string {
  switch (facts.kind) {
    case 'order-accepted':
    case 'order-ready':
    case 'order-failed':
    case 'order-ending':
      return `/orders/${encodeURIComponent(facts.order.number)}`
    case 'binding-renewal':
      return `/bindings/${facts.binding}`
    case 'invitation':
      return '/sign-in'
    case 'registration-accepted':
    case 'registration-refused':
      return `/registrations/${facts.registration}`
    default:
      return facts satisfies never
  }
}

const closings: Record<Language, (facts: MailFacts, publicUrl: URL) => string> = {
  de: (facts, publicUrl) =>
    'Kontor hat diese E-Mail geschickt; bitte antworten Sie nicht darauf.' +
    (isSwitchable(facts) ? ` Abbestellen: ${new URL('/account', publicUrl).href}` : ''),
  en: (facts, publicUrl) =>
    'Kontor has sent this mail; please do not reply to it.' +
    (isSwitchable(facts) ? ` To switch it off: ${new URL('/account', publicUrl).href}` : ''),
}

function isSwitchable({ kind }: MailFacts): boolean {
  return kind.startsWith('order-') || kind === 'binding-renewal'
}
