import { createTransport } from 'nodemailer'
import type { MailConfig } from '../mail-config.ts'
import { readGuardedFile } from '../guarded-file.ts'
import type { Message } from './compose.ts'
import { oneLine } from './one-line.ts'

/** @throws SmtpError */
export type SendMail = (message: Message, signal: AbortSignal) => Promise<void>

/** What a failed attempt says of the next one. */
export type MailFault =
  /** The next one may succeed. */
  | 'transient'
  /** The server refuses it until it is set up otherwise, such as "554 Relay access denied". */
  | 'refused'
  /** The server refuses this recipient for ever. */
  | 'recipient'
  /** The server has the whole mail, and may have taken it: the next attempt may send a second. */
  | 'unknown'

/** Why the server did not take a mail. */
export class SmtpError extends Error {
  override readonly name = 'SmtpError'
  readonly fault: MailFault

  constructor(message: string, fault: MailFault, cause: unknown) {
    super(message, { cause })
    this.fault = fault
  }
}

/** How long a server may keep a mail, in milliseconds. */
export interface SmtpLimits {
  /** From connecting until the whole mail is with the server. */
  readonly untilSentMs: number
  /** From then on until it says that it takes it. */
  readonly answerMs: number
}

/**
 * A server scans a mail before it answers, and a client that leaves meanwhile sends it again: RFC
 * 5321, 4.5.3.2.6 has it wait ten minutes.
 */
export const smtpLimits: SmtpLimits = { untilSentMs: 120_000, answerMs: 600_000 }

const connectMs = 10_000
const maxReason = 300

/**
 * Sends a mail over a connection of its own, for which it reads the password.
 * @param onUnsafe  gets a sentence about the file of the password, once
 */
export function openSmtp(
  config: MailConfig,
  onUnsafe: (sentence: string) => void,
  limits: SmtpLimits = smtpLimits,
): SendMail {
  const { server, passwordFile, requiresTls, publicUrl } = config
  const isSecure = server.protocol === 'smtps:'
  const user = decodeURIComponent(server.username)
  let hasWarned = false
  const passwordOf = (path: string): string =>
    readGuardedFile(path, {
      name: 'KONTOR_SMTP_PASSWORD_FILE',
      readersMay: 'send mail as Kontor',
      onUnsafe: ({ sentence }) => {
        if (!hasWarned) onUnsafe(sentence)
        hasWarned = true
      },
    }).replace(/\r?\n$/, '')
  return async (message, stop) => {
    const sending = watchSending(limits)
    const transport = createTransport({
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port === '' ? (isSecure ? 465 : 587) : Number(server.port),
      secure: isSecure,
      requireTLS: !isSecure && requiresTls,
      name: publicUrl.hostname,
      ...(passwordFile === undefined ? {} : { auth: { user, pass: passwordOf(passwordFile) } }),
      dnsTimeout: connectMs,
      connectionTimeout: connectMs,
      greetingTimeout: connectMs,
      socketTimeout: limits.untilSentMs + limits.answerMs,
      logger: sending.logger,
      maxResponseSize: 65_536,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    try {
      await transport.sendMail({ ...message, signal: AbortSignal.any([stop, sending.isTooLong]) })
    } catch (error) {
      throw smtpErrorOf(error, sending.isSent())
    } finally {
      sending.end()
      transport.close()
    }
  }
}

/** Bounds a sending as a whole, however the server spreads its answers; sees how far it got. */
function watchSending({ untilSentMs, answerMs }: SmtpLimits) {
  const tooLong = new AbortController()
  const abort = () => {
    tooLong.abort()
  }
  let timer = setTimeout(abort, untilSentMs)
  let isSent = false
  const note = ({ tnx }: { readonly tnx?: unknown }) => {
    // Nodemailer says so when it has written the dot that ends a mail, and in no other way.
    if (tnx !== 'message' || isSent) return
    isSent = true
    clearTimeout(timer)
    timer = setTimeout(abort, answerMs)
  }
  const no = () => {}
  return {
    isTooLong: tooLong.signal,
    isSent: () => isSent,
    end: () => {
      clearTimeout(timer)
    },
    logger: { level: no, trace: no, debug: no, info: note, warn: no, error: no, fatal: no },
  }
}

interface Failure {
  readonly code?: unknown
  readonly command?: unknown
  readonly responseCode?: unknown
  readonly response?: unknown
}

// The server's sentence often holds the address, which stands in no row of a mail.
function smtpErrorOf(error: unknown, isSent: boolean): SmtpError {
  const { code, response } = error as Failure
  const said = typeof response === 'string' ? response : error instanceof Error ? error.message : ''
  const text = `${typeof code === 'string' ? `${code}: ` : ''}${said}`
  const withoutAddress = text.replaceAll(/[^\s<>]+@[^\s<>]+/g, 'ADDRESS')
  return new SmtpError(oneLine(withoutAddress, maxReason), faultOf(error as Failure, isSent), error)
}

// Of the recipient's address (RFC 3463); 5.1.7 and 5.1.8 are of the sender's. A 5xx without such a
// code may be that the server does not know Kontor, which must lose no mail: an operator mends it.
const ofRecipient = /^55\d[ -]5\.(?:1\.(?:[1-46]|10)|2\.1)\b/

function faultOf({ command, responseCode, response }: Failure, isSent: boolean): MailFault {
  if (typeof responseCode !== 'number') return isSent ? 'unknown' : 'transient'
  const isOfMail = command === 'MAIL FROM' || command === 'RCPT TO' || command === 'DATA'
  if (responseCode < 500 || !isOfMail) return 'transient'
  const isRecipient =
    command === 'RCPT TO' && typeof response === 'string' && ofRecipient.test(response)
  return isRecipient ? 'recipient' : 'refused'
}
