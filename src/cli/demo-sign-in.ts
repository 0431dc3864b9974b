import { join } from 'node:path'
import type { DemoIssuer } from '../../tools/demo-issuer/start.ts'
import type { Config } from '../config.ts'
import { isLoopback } from '../unsafe-settings.ts'
import { writePrivate } from './demo-secrets.ts'

export interface DemoSignIn extends Pick<DemoIssuer, 'setKontor' | 'stop'> {
  /** For KONTOR_OIDC_FILE. */
  readonly oidcFile: string
  readonly port: number
  /** For demo.json. */
  readonly people: readonly DemoAccount[]
}

interface DemoAccount {
  readonly name: string
  readonly email: string
  readonly roles: readonly string[]
  readonly organisation: string
  /** For the management API. */
  readonly token: string
}

/**
 * Starts the issuer at which one picks a person of the demo.
 * @param port  of an earlier start
 * @returns undefined when the operator has set an issuer, when Kontor is to be reached from other
 *   machines, which must not sign in without a password, or without the optional dependency
 */
export async function startDemoSignIn(
  folder: string,
  { oidcFile: given, host }: Config,
  port: number | undefined,
): Promise<DemoSignIn | undefined> {
  if (given !== undefined || !isLoopback(host)) return undefined
  const found = await import('../../tools/demo-issuer/start.ts').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
      return undefined
    throw error
  })
  if (found === undefined) return undefined
  const issuer = await found.startDemoIssuer({ port: port ?? 0 })
  const oidcFile = join(folder, 'oidc.json')
  await writePrivate(oidcFile, { issuers: [issuer.settings] })
  return {
    oidcFile,
    port: Number(new URL(issuer.url).port),
    setKontor: issuer.setKontor,
    stop: issuer.stop,
    people: issuer.people.map((person) => ({
      name: person.name,
      email: person.email,
      roles: person.roles,
      organisation: person.place,
      token: issuer.tokenOf(person),
    })),
  }
}
