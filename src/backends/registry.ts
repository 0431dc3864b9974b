// The kinds of back end, one line each, and what callers need to know of a kind.
import type { AnswerCaps } from '../config.ts'
import type { Networks } from '../networks.ts'
import type { Backend } from './backend.ts'
import type { Audience, BackendKind } from './kind.ts'
import { osbKind } from './osb/kind.ts'

const kinds: ReadonlyMap<string, BackendKind> = new Map([['osb', osbKind]])

/** @throws if `checkBackendSettings` finds an error */
export function createBackend(
  kind: string,
  settings: unknown,
  credentials: unknown,
  networks: Networks,
  caps: AnswerCaps,
): Backend {
  return kindOf(kind).create(settings, credentials, networks, caps)
}

/**
 * The first error, as a sentence without its full stop that names the field.
 * @param newAt  the present time, if the credentials are new: those that Kontor keeps already may
 *               have expired since
 */
export function checkBackendSettings(
  kind: string,
  settings: unknown,
  credentials: unknown,
  newAt?: Date,
): string | undefined {
  const known = kinds.get(kind)
  if (known === undefined) {
    const names = [...kinds.keys()].map((name) => JSON.stringify(name))
    return `backend must be one of ${names.join(', ')}`
  }
  return (
    known.check(settings, credentials) ??
    (newAt === undefined ? undefined : known.checkExpiry(credentials, newAt))
  )
}

/** Scheme, host and port of a provider, for people and audit events. Of checked settings. */
export function originOf(kind: string, settings: unknown): string {
  return audienceOf(kind, settings).origin
}

/** The origins that checked settings and credentials name. */
export function originsOf(
  kind: string,
  settings: unknown,
  credentials: unknown,
): { readonly settings: string; readonly token: string | undefined } {
  return { settings: originOf(kind, settings), token: kindOf(kind).tokenOrigin(credentials) }
}

/** Which settings belong to operators, and what absent ones mean. */
export function settingsPolicyOf(
  kind: string,
): Pick<BackendKind, 'ownSettings' | 'defaultSettings'> {
  return kindOf(kind)
}

/**
 * The changed setting that shows the credentials to another server; undefined if none does. A token
 * endpoint is part of the credentials themselves, so it never changes without them.
 */
export function audienceChange(
  kind: string,
  before: unknown,
  after: unknown,
): 'settings.url' | 'settings.tlsCa' | undefined {
  const [former, next] = [audienceOf(kind, before), audienceOf(kind, after)]
  if (former.origin !== next.origin) return 'settings.url'
  return former.authorities === next.authorities ? undefined : 'settings.tlsCa'
}

/**
 * Who is shown the credentials. Something other than Kontor may have written the row: a kind that
 * does not exist has no origin.
 */
export function audienceOf(kind: string, settings: unknown): Audience {
  return kinds.get(kind)?.audience(settings) ?? { origin: '', authorities: undefined }
}

function kindOf(kind: string): BackendKind {
  const known = kinds.get(kind)
  if (known === undefined) throw new Error(`There is no back end of kind "${kind}".`)
  return known
}
