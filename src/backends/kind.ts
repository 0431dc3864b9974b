import type { AnswerCaps } from '../config.ts'
import type { Networks } from '../networks.ts'
import type { Backend } from './backend.ts'

/** A kind of back end, as `backend` of a provider names it. */
export interface BackendKind {
  /**
   * Makes a back end from a provider's row.
   * @param settings     as in schemas/backends/<kind>-settings.json
   * @param credentials  opened, as in schemas/backends/<kind>-credentials.json
   * @param networks     which addresses it may connect to; every connection is checked, not only
   *                     the first
   * @param caps         limits of answers that settings cannot raise
   * @throws if `check` finds an error
   */
  create(settings: unknown, credentials: unknown, networks: Networks, caps: AnswerCaps): Backend
  /**
   * The first error, as a sentence without its full stop that names the field but never its value.
   */
  check(settings: unknown, credentials: unknown): string | undefined
  /** What has expired in credentials that pass `check`; a sentence as there. */
  checkExpiry(credentials: unknown, now: Date): string | undefined
  /** Who is shown the credentials. Never throws, whatever the settings are. */
  audience(settings: unknown): Audience
  /** The origin that issues access tokens, by credentials that pass `check`, if there is one. */
  tokenOrigin(credentials: unknown): string | undefined
  /**
   * The names of the settings that say where and how the provider is reached, which the provider
   * itself may change. All others are limits and policies of operators.
   */
  readonly ownSettings: ReadonlySet<string>
  /** What the settings mean that are absent. */
  readonly defaultSettings: Readonly<Record<string, unknown>>
}

/** The servers at `origin` that hold a certificate of one of the authorities. */
export interface Audience {
  readonly origin: string
  /** PEM; undefined: the authorities of the system. */
  readonly authorities: string | undefined
}
