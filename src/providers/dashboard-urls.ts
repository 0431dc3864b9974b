import type { Interceptor } from '../backends/intercept.ts'
import type { Networks } from '../networks.ts'

export interface DashboardPolicy {
  readonly networks: Pick<Networks, 'classOf'>
  /** Whether `http:` is allowed at every host, and not only in the networks that are opened. */
  readonly allowsHttp: boolean
}

/**
 * Leaves out a `dashboard_url` that people must not follow: it comes from a provider and is shown
 * as a link. The answer stays good, because the resource is there.
 * @param onLeftOut  called with the reason
 */
export function checkDashboards(
  policy: DashboardPolicy,
  onLeftOut: (problem: string) => void,
): Interceptor {
  const checked = (part: WithDashboard): object => {
    const { dashboardUrl, ...rest } = part
    if (typeof dashboardUrl !== 'string') return part
    const problem = validateDashboard(policy, dashboardUrl)
    if (problem === undefined) return part
    onLeftOut(problem)
    return rest
  }
  return async (_call, send) => {
    const answer = await send()
    const { result, facts } = answer as Parts
    return {
      ...answer,
      ...(result === undefined ? {} : { result: checked(result) }),
      ...(facts === undefined ? {} : { facts: checked(facts) }),
    }
  }
}

/**
 * A stored `dashboard_url` if people may follow it: it may have been stored before the rule was, or
 * under another policy.
 */
export function shownDashboard(policy: DashboardPolicy, url: string | null): string | undefined {
  return url === null || validateDashboard(policy, url) !== undefined ? undefined : url
}

interface WithDashboard {
  readonly dashboardUrl?: unknown
}

/** The parts of an answer that may hold one. */
interface Parts {
  readonly result?: WithDashboard
  readonly facts?: WithDashboard
}

/** Why people must not follow the URL, without repeating it: it may hold a password. */
function validateDashboard(
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
