import type { Backend } from '../backends/backend.ts'
import type { Interceptor } from '../backends/intercept.ts'
import { redact, textsIn } from '../vault/redact.ts'

/**
 * Makes the answers of a provider fit to be passed on:
 *  - Its credentials are removed, in case it repeats them. Each back end must do so itself
 *    (backends/backend.ts); this is the safety net for every kind of back end and every form of a
 *    secret.
 *  - A `dashboard_url` that people must not follow is left out: it is shown as a link. The answer
 *    stays good, because the resource is there.
 * @param mayShow  whether people may follow a dashboard
 */
export function cleanAnswers(
  backend: Pick<Backend, 'passingSecrets'>,
  credentials: unknown,
  mayShow: (dashboardUrl: string) => boolean,
): Interceptor {
  const secrets = secretsIn(credentials)
  // With `Bearer` too, as the header carries them: in base64 a part of a text looks different from
  // the whole.
  const passing =
    backend.passingSecrets &&
    (() => (backend.passingSecrets?.() ?? []).flatMap((secret) => [secret, `Bearer ${secret}`]))
  return async (_call, send) => {
    // A token may be renewed while the call is under way, or fetched for this very call.
    const before = passing?.() ?? []
    const answer = await send()
    return cleaned(answer, [...secrets, ...before, ...(passing?.() ?? [])], mayShow)
  }
}

// Names, addresses and the like are not secret, and an operator needs them in a description.
const secretNames = /pass|secret|token|key|assertion/i

function secretsIn(credentials: unknown): string[] {
  if (credentials === null || typeof credentials !== 'object') return []
  const own = Object.entries(credentials).flatMap(([name, value]) => {
    if (typeof value === 'object') return secretsIn(value)
    return secretNames.test(name) && !/url$/i.test(name) ? textsIn(value) : []
  })
  const { username, password, clientId, clientSecret } = credentials as Partial<
    Record<string, unknown>
  >
  // As the header of Basic authentication carries them.
  const pairs = [
    [username, password],
    [clientId, clientSecret],
  ].flatMap(([name, secret]) =>
    typeof name === 'string' && typeof secret === 'string' ? [`${name}:${secret}`] : [],
  )
  return [...own, ...pairs]
}

/** The parts of an answer that may repeat a secret, or hold a dashboard. */
interface Parts {
  readonly description?: unknown
  readonly dashboardUrl?: unknown
  readonly refusal?: object
  readonly result?: object
  readonly facts?: object
  readonly extensions?: object
}

// Secrets are removed from descriptions and unknown fields only: all other fields of an instance or
// a binding are for the platform, which needs them unchanged.
function cleaned<Answer extends object>(
  answer: Answer,
  secrets: readonly string[],
  mayShow: (dashboardUrl: string) => boolean,
): Answer {
  const { dashboardUrl, ...others } = answer as Parts
  const { description, refusal, result, facts, extensions } = others
  const isHidden = typeof dashboardUrl === 'string' && !mayShow(dashboardUrl)
  return {
    ...(isHidden ? others : answer),
    ...(typeof description === 'string' ? { description: redact(description, secrets) } : {}),
    ...(refusal === undefined ? {} : { refusal: cleaned(refusal, secrets, mayShow) }),
    ...(result === undefined ? {} : { result: cleaned(result, secrets, mayShow) }),
    ...(facts === undefined ? {} : { facts: cleaned(facts, secrets, mayShow) }),
    ...(extensions === undefined
      ? {}
      : { extensions: JSON.parse(redact(JSON.stringify(extensions), secrets)) as unknown }),
  } as Answer
}
