import { randomBytes } from 'node:crypto'

// Scanners for secrets find it by its beginning and its length.
const pattern = /^kontor_pat_([\w-]{22})[\w-]{43}$/

/** The text of a new token: which token it is, and 256 random bits. */
export function makeTokenText(id: string): string {
  const number = Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')
  return `kontor_pat_${number}${randomBytes(32).toString('base64url')}`
}

/** Whether a bearer token is meant to be one of Kontor's own. */
export function isTokenText(text: string): boolean {
  return text.startsWith('kontor_pat_')
}

/** The id of the token whose text this may be; undefined for a text that is none. */
export function tokenIdOf(text: string): string | undefined {
  const [, number] = pattern.exec(text) ?? []
  const hex = number === undefined ? '' : Buffer.from(number, 'base64url').toString('hex')
  return hex.length === 32
    ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    : undefined
}
