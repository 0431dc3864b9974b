import type { Call, Reply } from './kontor.ts'

/**
 * Has Kontor read a provider's catalog, and confirms as an operator what Kontor quarantines because
 * it withdraws what is in use.
 * @param at  path of the provider
 */
export async function readAndConfirm(admin: Call, at: string): Promise<Reply> {
  const read = await admin('POST', `${at}/refresh`)
  const held = read.body.catalog?.quarantine
  return held === undefined ? read : admin('POST', `${at}/catalog/confirm?digest=${held.digest}`)
}
