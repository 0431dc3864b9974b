// The text of a new token travels in a sealed cookie from the form's target to the list, so that a
// reload neither issues another one nor shows it again.
import { html } from 'ghtml'
import { openToken, sealToken } from '../../../../vault/sealed-token.ts'
import { alertPart } from '../../alert-part.ts'
import type { Asked } from '../../asked.ts'
import { readCookie, setCookie } from '../../cookies.ts'

const purpose = 'console token'
const cookieName = (isSecure: boolean) => (isSecure ? '__Host-kontor-token' : 'kontor-token')
const shownForSeconds = 300

interface Kept {
  readonly sessionId: string
  readonly text: string
  readonly atMs: number
}

export function keepIssued({ deps, reply, session }: Asked, text: string): void {
  const kept: Kept = { sessionId: session?.id ?? '', text, atMs: deps.now().getTime() }
  setCookie(reply, cookieName(deps.isSecure), sealToken(deps.vault, purpose, kept), {
    secure: deps.isSecure,
    maxAgeSeconds: shownForSeconds,
  })
}

/** The text of a token that was issued just now; shown once. */
export function issuedPart({ deps, request, reply, session, texts }: Asked): string {
  const cookie = readCookie(request, cookieName(deps.isSecure))
  if (cookie === undefined) return ''
  setCookie(reply, cookieName(deps.isSecure), '', { secure: deps.isSecure, maxAgeSeconds: 0 })
  // Only `keepIssued` seals for this purpose.
  const kept = openToken(deps.vault, purpose, cookie) as Kept | undefined
  const isLate = deps.now().getTime() - (kept?.atMs ?? 0) > shownForSeconds * 1_000
  if (kept === undefined || isLate || kept.sessionId !== session?.id) return ''
  const { issued, issuedText } = texts.tokens
  const body = html`<p class="kern-body">${issuedText}</p>
    <p class="kern-body"><code>${kept.text}</code></p>`
  return alertPart('success', issued, body)
}
