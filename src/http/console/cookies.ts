import { fastifyCookie } from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Once for the scope, before `readCookie` and `setCookie`. */
export async function useCookies(app: FastifyInstance): Promise<void> {
  await app.register(fastifyCookie, { hook: false })
}

/**
 * A cookie of the request. Not by the plugin's hook, because errors before any route are pages in
 * the reader's language, too.
 */
export function readCookie(request: FastifyRequest, name: string): string | undefined {
  const { cookie } = request.headers
  return cookie === undefined ? undefined : fastifyCookie.parse(cookie)[name]
}

export interface CookieOptions {
  /** Undefined: until the browser ends. 0: the cookie is deleted. */
  readonly maxAgeSeconds?: number
  /** Whether browsers send it over TLS only. */
  readonly secure: boolean
}

/** Sets a cookie that scripts cannot read, and that other sites can send along only by a link. */
export function setCookie(
  reply: FastifyReply,
  name: string,
  value: string,
  { maxAgeSeconds, secure }: CookieOptions,
): void {
  const lifetime = maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }
  void reply.setCookie(name, value, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    ...lifetime,
  })
}
