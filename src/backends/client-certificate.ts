// The certificate that Kontor shows a provider, and its private key: both PEM.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import type { ClientCertificate } from '../types.gen.ts'

/**
 * The first error, as the end of a sentence that begins with the certificate's field; never with a
 * value.
 */
export function validateCertificate({
  certificate,
  key,
  passphrase,
}: ClientCertificate): string | undefined {
  const [own] = readCertificates(certificate) ?? []
  if (own === undefined) return '.certificate holds no readable certificate'
  const opened = openKey(key, passphrase)
  if (typeof opened === 'string') return opened
  return own.checkPrivateKey(opened) ? undefined : '.key does not belong to the certificate'
}

/** When a certificate expires that passes `validateCertificate`. */
export function expiryOf({ certificate }: Pick<ClientCertificate, 'certificate'>): Date {
  const [own] = readCertificates(certificate) ?? []
  if (own === undefined) throw new Error('There is no certificate.')
  return new Date(own.validTo)
}

/**
 * Every certificate of a PEM text; undefined if one of them cannot be read, which TLS itself would
 * ignore.
 */
export function readCertificates(pem: string): X509Certificate[] | undefined {
  try {
    return pem
      .split(/(?=-----BEGIN CERTIFICATE-----)/)
      .filter((block) => block.startsWith('-----BEGIN'))
      .map((block) => new X509Certificate(block))
  } catch {
    return undefined
  }
}

function openKey(key: string, passphrase: string | undefined): KeyObject | string {
  try {
    return createPrivateKey({
      key,
      format: 'pem',
      ...(passphrase === undefined ? {} : { passphrase }),
    })
  } catch (error) {
    const isEncrypted = key.includes('ENCRYPTED')
    if (
      (error as { code?: unknown }).code === 'ERR_MISSING_PASSPHRASE' ||
      (isEncrypted && passphrase === undefined)
    )
      return '.passphrase is missing: the key is encrypted'
    return isEncrypted ? '.passphrase does not open the key' : '.key holds no readable private key'
  }
}
