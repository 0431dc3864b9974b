// What an operator has set that is valid and may be meant, but opens Kontor to others. A warning
// with a stable name says so at each start; settings that can only be a mistake stop the start.
import { isIP } from 'node:net'
import { variableNames, type Config } from './config.ts'
import type { Log } from './log.ts'

/** `docs/operations.md` explains each name. */
export interface UnsafeSetting {
  readonly name:
    | 'listens-without-tls'
    | 'networks-all'
    | 'mail-without-tls'
    | 'variable-unknown'
    | 'file-readable'
    | 'file-of-another-user'
    | 'database-owner'
    | 'rows-unsealed'
  readonly sentence: string
}

/** Logs a warning whose field `unsafe` is the name. */
export function logUnsafe(log: Log, { name, sentence }: UnsafeSetting): void {
  log.warn({ unsafe: name }, sentence)
}

/**
 * @param environment  that `config` was read from; of an unknown variable only its name is shown
 * @param http  whether this process will listen
 */
export function findUnsafeSettings(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
  http: boolean,
): UnsafeSetting[] {
  return [
    ...(http ? listensWithoutTls(config) : []),
    ...allNetworks(config),
    ...mailWithoutTls(config),
    ...unknownVariables(environment),
  ]
}

/** Whether a server at this address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function listensWithoutTls({ host, tls, limits }: Config): UnsafeSetting[] {
  if (isLoopback(host) || tls !== undefined || limits.trustedProxies !== undefined) return []
  return [
    {
      name: 'listens-without-tls',
      sentence:
        `HOST is ${host}, and Kontor serves no TLS: passwords and tokens cross the network in ` +
        'clear. Set KONTOR_TLS_CERT and KONTOR_TLS_KEY, or, if TLS ends in front of Kontor, ' +
        'KONTOR_TRUSTED_PROXIES.',
    },
  ]
}

function allNetworks({ providerNetworks }: Config): UnsafeSetting[] {
  return providerNetworks
    .filter((network) => network.endsWith('/0'))
    .map((network) => ({
      name: 'networks-all',
      sentence:
        `KONTOR_PROVIDER_NETWORKS holds ${network}: a registration may lead Kontor to every ` +
        'address, such as the metadata service of a cloud, and calls may go without TLS. List ' +
        'the networks of your providers.',
    }))
}

function mailWithoutTls({ mail }: Config): UnsafeSetting[] {
  if (mail === undefined || mail.requiresTls || mail.server.protocol === 'smtps:') return []
  if (isLoopback(mail.server.hostname.replace(/^\[|\]$/g, ''))) return []
  return [
    {
      name: 'mail-without-tls',
      sentence:
        `KONTOR_SMTP_TLS is optional: mail, and the password of ${mail.server.host}, cross the ` +
        'network in clear if the server, or who stands between, offers no STARTTLS.',
    },
  ]
}

function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
): UnsafeSetting[] {
  return Object.entries(environment)
    .filter(
      ([name, value]) =>
        /^KONTOR_/i.test(name) &&
        value !== undefined &&
        value !== '' &&
        !variableNames.includes(name) &&
        !isOfKubernetes(name, value),
    )
    .map(([name]) => {
      const near = nearestTo(name)
      return {
        name: 'variable-unknown',
        sentence:
          `${name} is set, but Kontor reads no variable of that name.` +
          (near === undefined ? '' : ` Did you mean ${near}?`),
      }
    })
}

// Kubernetes gives each container the addresses of the services of its namespace, such as `kontor`
// and `kontor-db`.
function isOfKubernetes(name: string, value: string): boolean {
  return (
    /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
    (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value))
  )
}

/** The variable with the nearest name, if a slip of the keyboard or two lead there. */
function nearestTo(name: string): string | undefined {
  const bare = (each: string) => each.toUpperCase().replace(/^KONTOR_/, '')
  const wanted = bare(name)
  const [nearest] = variableNames
    .map((known) => ({ known, distance: distanceOf(wanted, bare(known)) }))
    .toSorted((a, b) => a.distance - b.distance)
  return nearest !== undefined && nearest.distance <= Math.max(1, wanted.length / 4)
    ? nearest.known
    : undefined
}

/** How many letters to add, leave out or replace, or neighbours to swap, make `b` of `a`. */
function distanceOf(a: string, b: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, n) => n)]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next[j] = Math.min(
        (last[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity,
      )
    }
    ;[before, last] = [last, next]
  }
  return last[b.length] ?? 0
}
