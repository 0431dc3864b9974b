import type { Backend } from '../backends/backend.ts'
import { redact, textsIn } from '../vault/redact.ts'

/**
 * A back end whose sentences never hold the credentials that its provider was sent, whatever that one repeats. Each back end
 * owes that itself (backends/backend.ts); this is the net below, for every kind of it and every form of a secret.
 */
export function discreetBackend(backend: Backend, credentials: unknown): Backend {
  const secrets = secretsIn(credentials)
  // As the header carries them, too: in base64 a part of a text looks like no part of it.
  const passing = (): string[] =>
    (backend.passingSecrets?.() ?? []).flatMap((secret) => [secret, `Bearer ${secret}`])
  const discreet = async <Answer extends object>(answering: Promise<Answer>): Promise<Answer> => {
    const before = passing()
    const answer = await answering
    // They may have been fetched for this very call, and others renewed while it was under way.
    return withoutSecrets(answer, [...new Set([...secrets, ...before, ...passing()])])
  }
  const { listInstances, certificateExpiresAt } = backend
  return {
    catalog: (known, signal) => discreet(backend.catalog(known, signal)),
    provision: (order, signal) => discreet(backend.provision(order, signal)),
    update: (order, signal) => discreet(backend.update(order, signal)),
    deprovision: (order, signal) => discreet(backend.deprovision(order, signal)),
    bind: (order, signal) => discreet(backend.bind(order, signal)),
    unbind: (order, signal) => discreet(backend.unbind(order, signal)),
    progress: (query, signal) => discreet(backend.progress(query, signal)),
    fetchInstance: (instance, signal) => discreet(backend.fetchInstance(instance, signal)),
    fetchBinding: (binding, signal) => discreet(backend.fetchBinding(binding, signal)),
    ...(listInstances === undefined
      ? {}
      : { listInstances: (page, signal) => discreet(listInstances.call(backend, page, signal)) }),
    ...(certificateExpiresAt === undefined ? {} : { certificateExpiresAt }),
    close: () => backend.close(),
  }
}

// Names, addresses and the like are no secrets, and belong into a sentence.
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
  // As the header carries them.
  const pairs = [
    [username, password],
    [clientId, clientSecret],
  ].flatMap(([name, secret]) =>
    typeof name === 'string' && typeof secret === 'string' ? [`${name}:${secret}`] : [],
  )
  return [...own, ...pairs]
}

interface Told {
  readonly description?: unknown
  readonly refusal?: object
  readonly result?: object
  readonly facts?: object
  readonly extensions?: object
}

// Sentences, and fields that nobody knows; the rest of what a platform is given of an instance or a binding is its own.
function withoutSecrets<Answer extends object>(answer: Answer, secrets: readonly string[]): Answer {
  const { description, refusal, result, facts, extensions } = answer as Told
  return {
    ...answer,
    ...(typeof description === 'string' ? { description: redact(description, secrets) } : {}),
    ...(refusal === undefined ? {} : { refusal: withoutSecrets(refusal, secrets) }),
    ...(result === undefined ? {} : { result: withoutSecrets(result, secrets) }),
    ...(facts === undefined ? {} : { facts: withoutSecrets(facts, secrets) }),
    ...(extensions === undefined
      ? {}
      : { extensions: JSON.parse(redact(JSON.stringify(extensions), secrets)) as unknown }),
  }
}
