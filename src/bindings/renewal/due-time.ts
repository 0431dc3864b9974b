import type { BindingResult } from '../../backends/backend.ts'

/** So long before they expire, credentials are due for which the provider names no time. */
export const weekMs = 7 * 86_400_000

/** The times that a provider has set for credentials; undefined: it has not. */
export function timesOf({ metadata }: BindingResult): {
  readonly expiresAt?: Date
  /** When they are to be replaced: `renew_before`, or else a week before they expire. */
  readonly renewAt?: Date
} {
  const expiresAt = dateOf(metadata?.expires_at)
  const renewAt =
    dateOf(metadata?.renew_before) ?? (expiresAt && new Date(expiresAt.getTime() - weekMs))
  return {
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(renewAt === undefined ? {} : { renewAt }),
  }
}

function dateOf(text: string | undefined): Date | undefined {
  const date = text === undefined ? undefined : new Date(text)
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date
}
