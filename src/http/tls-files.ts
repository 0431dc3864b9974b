import { statSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { TlsFiles } from '../config.ts'
import { BrokerError } from '../errors.ts'
import { readGuardedFile } from '../guarded-file.ts'
import type { UnsafeSetting } from '../unsafe-settings.ts'

/**
 * TLS 1.3 as OpenSSL offers it; of TLS 1.2 only suites with forward secrecy and authenticated
 * encryption (RFC 9325, 4.2). Others, in CBC mode or with a static RSA key, let a recording be read
 * with a key that leaks later, and have a history of padding oracles.
 */
const serverSuites = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/**
 * @param onUnsafe  called when other users may read the key, or own a file
 * @throws BrokerError `configuration` when a file cannot be read, other users may change it, or key
 *   and certificate do not match
 */
export function readTlsFiles(
  files: TlsFiles,
  onUnsafe: (setting: UnsafeSetting) => void,
): SecureContextOptions {
  const of = (name: string, file: string, readersMay?: string): string => {
    const guard = { name, onUnsafe, ...(readersMay === undefined ? {} : { readersMay }) }
    try {
      return readGuardedFile(file, guard)
    } catch (error) {
      if (error instanceof BrokerError) throw error
      throw new BrokerError(
        'configuration',
        `${name}: ${file} cannot be read (${codeOf(error)}).`,
        { cause: error },
      )
    }
  }
  const options = {
    cert: of('KONTOR_TLS_CERT', files.cert),
    key: of('KONTOR_TLS_KEY', files.key, 'read the key and pass for Kontor'),
    minVersion: 'TLSv1.2' as const,
    ciphers: serverSuites,
    ...(files.clientCa === undefined ? {} : { ca: of('KONTOR_TLS_CLIENT_CA', files.clientCa) }),
  }
  if (options.ca !== undefined && !options.ca.includes('-----BEGIN CERTIFICATE-----'))
    throw new BrokerError(
      'configuration',
      `KONTOR_TLS_CLIENT_CA: ${files.clientCa} holds no certificate.`,
    )
  try {
    createSecureContext(options)
    return options
  } catch (error) {
    throw new BrokerError(
      'configuration',
      'KONTOR_TLS_CERT, KONTOR_TLS_KEY and KONTOR_TLS_CLIENT_CA cannot be used: they are not ' +
        'PEM, or the key belongs to another certificate.',
      { cause: error },
    )
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}

/** Differs when a file, its mode or its owner has changed. */
export function stampOf({ cert, key, clientCa }: TlsFiles): string {
  return [cert, key, ...(clientCa === undefined ? [] : [clientCa])]
    .map((file) => {
      const { mtimeMs, size, ino, mode, uid } = statSync(file)
      return `${mtimeMs} ${size} ${ino} ${mode} ${uid}`
    })
    .join()
}
