import type { Networks } from '../networks.ts'

export interface DashboardPolicy {
  readonly networks: Pick<Networks, 'classOf'>
  /** Whether `http:` is allowed at every host, and not only in the networks that are opened. */
  readonly allowsHttp: boolean
}

/**
 * A stored `dashboard_url` if people may follow it: it may have been stored before the rule was, or
 * under another policy.
 */
export function shownDashboard(policy: DashboardPolicy, url: string | null): string | undefined {
  return url === null || validateDashboard(policy, url) !== undefined ? undefined : url
}

/** Why people must not follow the URL, without repeating it: it may hold a password. */
export function validateDashboard(
  { networks, allowsHttp }: DashboardPolicy,
  text: string,
): string | undefined {
  if (!URL.canParse(text) || /[\s\p{Cc}]/u.test(text)) return 'it is not a URL'
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return 'it holds a user name or a password'
  if (protocol === 'https:') return undefined
  if (protocol !== 'http:') return `it begins with ${protocol}`
  const isOpened = networks.classOf(hostname.replace(/^\[|\]$/g, '')) === 'opened'
  return allowsHttp || isOpened ? undefined : 'it begins with http:'
}
