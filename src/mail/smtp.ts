import { createTransport } from 'nodemailer'
import type { MailConfig } from '../mail-config.ts'
import { readGuardedFile } from '../guarded-file.ts'
import type { Message } from './compose.ts'
import { oneLine } from './one-line.ts'

/** @throws SmtpError */
export type SendMail = (message: Message, signal: AbortSignal) => Promise<void>

/** Why the server did not take a mail. */
export class SmtpError extends Error {
  override readonly name = 'SmtpError'
  /** Whether no later attempt can succeed: the server refuses this recipient or this mail. */
  readonly isFinal: boolean

  constructor(message: string, isFinal: boolean, cause: unknown) {
    super(message, { cause })
    this.isFinal = isFinal
  }
}

// A server that says nothing must not keep a mail longer than its claim lasts (deliver.ts).
const connectMs = 10_000
const silenceMs = 20_000
const maxReason = 300

/**
 * Sends a mail over a connection of its own, for which it reads the password.
 * @param onUnsafe  gets a sentence about the file of the password, once
 */
export function openSmtp(config: MailConfig, onUnsafe: (sentence: string) => void): SendMail {
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
  return async (message, signal) => {
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
      socketTimeout: silenceMs,
      maxResponseSize: 65_536,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    try {
      await transport.sendMail({ ...message, signal })
    } catch (error) {
      throw smtpErrorOf(error)
    } finally {
      transport.close()
    }
  }
}

interface Failure {
  readonly code?: unknown
  readonly command?: unknown
  readonly responseCode?: unknown
  readonly response?: unknown
}

// The server's sentence often holds the address, which stands in no row of a mail.
function smtpErrorOf(error: unknown): SmtpError {
  const { code, command, responseCode, response } = error as Failure
  const isFinal =
    typeof responseCode === 'number' &&
    responseCode >= 500 &&
    (command === 'RCPT TO' || command === 'DATA')
  const said = typeof response === 'string' ? response : error instanceof Error ? error.message : ''
  const text = `${typeof code === 'string' ? `${code}: ` : ''}${said}`
  const withoutAddress = text.replaceAll(/[^\s<>]+@[^\s<>]+/g, 'ADDRESS')
  return new SmtpError(oneLine(withoutAddress, maxReason), isFinal, error)
}
