import type { Asked } from './asked.ts'

const recentMs = 5 * 60_000

/**
 * Whether the reader has proved at the issuer who it is in the last five minutes, which dangerous
 * acts need: a session that was left open, or a stolen cookie, is not enough for them.
 */
export function hasSignedInLately({ session, deps }: Asked): boolean {
  if (session === undefined) return false
  return deps.now().getTime() - session.authenticatedAt.getTime() < recentMs
}

/** Where the issuer asks for the proof. A link, because forms must not lead to other sites. */
export function freshSignInPath(returnTo: string): string {
  return `/sign-in?fresh=1&return=${encodeURIComponent(returnTo)}`
}
