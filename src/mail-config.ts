import { BrokerError } from './errors.ts'
import type { ConfigVariables } from './types.gen.ts'

/** How mail is sent. */
export interface MailConfig {
  /** With scheme `smtp:` or `smtps:`, and without a password. */
  readonly server: URL
  readonly passwordFile: string | undefined
  /** Whether nothing is sent in clear. */
  readonly requiresTls: boolean
  /** The address that it comes from. */
  readonly from: string
  /** Where its links lead. */
  readonly publicUrl: URL
}

/**
 * @param localNames  hosts that are this machine
 * @param invalid     makes the error of a variable
 * @returns undefined: Kontor sends no mail
 * @throws BrokerError `configuration`
 */
export function readMailConfig(
  values: ConfigVariables,
  publicUrl: URL | undefined,
  localNames: readonly string[],
  invalid: (name: string, problem: string) => BrokerError,
): MailConfig | undefined {
  const {
    KONTOR_SMTP_URL: text,
    KONTOR_SMTP_PASSWORD_FILE: passwordFile,
    KONTOR_SMTP_TLS: tls,
    KONTOR_MAIL_FROM: from,
  } = values
  const name = 'KONTOR_SMTP_URL'
  if (text === undefined) {
    if (from === undefined && passwordFile === undefined) return undefined
    const set = from === undefined ? 'KONTOR_SMTP_PASSWORD_FILE' : 'KONTOR_MAIL_FROM'
    throw invalid(name, `${set} is set, but ${name} is not`)
  }
  const server = readServer(text, name, invalid)
  if ((server.username === '') !== (passwordFile === undefined))
    throw invalid(
      'KONTOR_SMTP_PASSWORD_FILE',
      `${name} must name a user if KONTOR_SMTP_PASSWORD_FILE is set, and only then`,
    )
  if (from === undefined)
    throw invalid('KONTOR_MAIL_FROM', `${name} is set, but KONTOR_MAIL_FROM is not`)
  if (publicUrl === undefined)
    throw invalid('KONTOR_PUBLIC_URL', `${name} is set, but KONTOR_PUBLIC_URL is not`)
  const isLocal = localNames.includes(server.hostname)
  const requiresTls = tls === undefined ? !isLocal : tls === 'required'
  return { server, passwordFile, requiresTls, from, publicUrl }
}

function readServer(
  text: string,
  name: string,
  invalid: (name: string, problem: string) => BrokerError,
): URL {
  if (!URL.canParse(text)) throw invalid(name, `${name} is not a valid URL`)
  const server = new URL(text)
  if (server.hostname === '') throw invalid(name, `${name} names no server`)
  // The URL may be shown, and is in the environment of each process that Kontor starts.
  if (server.password !== '')
    throw new BrokerError(
      'configuration',
      `${name} holds a password. Put it into a file, and name that in KONTOR_SMTP_PASSWORD_FILE.`,
    )
  return server
}
