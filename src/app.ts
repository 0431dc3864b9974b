// Composition root of the HTTP side. It does not listen: main does, and tests inject.
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { readFileSync } from 'node:fs'
import { watchConnectionWait } from './db/database.ts'
import { BrokerError } from './errors.ts'
import { apiScope, apiTags, type ApiDeps } from './http/api/scope.ts'
import type { PlatformAuthenticationDeps } from './http/auth/authenticate-platform.ts'
import { consoleScope, type ConsoleDeps } from './http/console/scope.ts'
import { consoleSettings } from './http/console/settings.ts'
import { limitAnswers } from './http/limits/answers.ts'
import { limitConnections } from './http/limits/connections.ts'
import { createLimits } from './http/limits/create-limits.ts'
import { requestsRefused } from './http/limits/refusals.ts'
import { openapiOptions } from './http/openapi.ts'
import type { OsbDeps } from './http/osb/routes.ts'
import { osbScope } from './http/osb/scope.ts'
import { publicScope, type PublicDeps } from './http/public/scope.ts'
import { registerScope } from './http/register-scope.ts'
import { answerRouterErrors } from './http/router-errors.ts'
import { scopesOfUnknownPaths, type Scope } from './http/scope.ts'
import { createServer } from './http/server.ts'
import { createStreams } from './http/streams/streams.ts'
import { openTls } from './http/tls.ts'
import { makesOperators, readTrustedIssuers, type TrustedIssuer } from './oidc/issuers.ts'
import { openTokens } from './oidc/tokens.ts'
import { createWatcher } from './orders/live/watch.ts'
import { logError } from './runtime/log-error.ts'
import type { Runtime } from './runtime/runtime.ts'
import { logUnsafe } from './unsafe-settings.ts'

const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
).version

/** Makes the scope of one entry point from what the process has opened. */
export type EntryPoint = (
  deps: OsbDeps & PlatformAuthenticationDeps & ApiDeps & PublicDeps & ConsoleDeps,
) => Scope

/**
 * All entry points; a new one needs a line here, and no change of another file. Of several scopes
 * with the same prefix the last answers the paths without a route.
 */
export const entryPoints: readonly EntryPoint[] = [osbScope, apiScope, publicScope, consoleScope]

// How soon people see a change of what they follow.
const watchEveryMs = 1_000

export async function buildApp(
  runtime: Runtime,
  opened: readonly EntryPoint[] = entryPoints,
): Promise<FastifyInstance> {
  const { config, log } = runtime
  const issuers = readTrustedIssuers(config.oidcFile, (setting) => {
    logUnsafe(log, setting)
  })
  checkOperatorCanSignIn(config.adminToken, issuers)
  const tls = config.tls === undefined ? undefined : openTls(config.tls, log)
  const tokens = issuers.length === 0 ? undefined : openTokens(issuers, runtime)
  const settings = consoleSettings(config, issuers, runtime.now)
  const databaseWaitMs = watchConnectionWait(runtime.db)
  const limits = createLimits({ ...runtime, settings: config.limits, databaseWaitMs })
  const watcher = createWatcher({
    db: runtime.db,
    onError: logError(log, 'what is followed by streams could not be looked at'),
    everyMs: watchEveryMs,
  })
  const streams = createStreams({ ...runtime, watcher, limits: config.limits })
  let isDraining = false
  const scopes = opened.map((open) =>
    open({
      ...runtime,
      tls,
      tokens,
      issuers,
      pressure: limits.pressure,
      streams,
      adminToken: config.adminToken,
      hstsSeconds: config.limits.hstsSeconds,
      ...settings,
      minApiMinor: config.minApiMinor,
      isDraining: () => isDraining,
    }),
  )
  const answering = scopesOfUnknownPaths(scopes)
  const frameworkErrors = answerRouterErrors(answering, limits)
  const app = createServer({ ...config, tls, frameworkErrors })
  const onRefused = () => {
    runtime.metrics.count(requestsRefused, { reason: 'connections' })
  }
  // In this order: a connection whose request waits for its turn is not idle.
  limitAnswers(app.server, onRefused)
  limitConnections(app.server, config.limits, onRefused)
  await app.register(swagger, openapiOptions(version, apiTags))
  for (const scope of scopes)
    await registerScope(app, scope, { ...runtime, ...limits }, answering.includes(scope))
  app.addHook('preClose', async () => {
    isDraining = true
    streams.close()
  })
  app.addHook('onClose', async () => {
    limits.pressure.stop()
    tls?.close()
    await tokens?.close()
    await settings.signIns?.close()
  })
  await app.ready()
  limits.pressure.start()
  return app
}

function checkOperatorCanSignIn(
  adminToken: string | undefined,
  issuers: readonly TrustedIssuer[],
): void {
  if (adminToken !== undefined || issuers.some(makesOperators)) return
  throw new BrokerError(
    'configuration',
    'KONTOR_ADMIN_TOKEN is not set, and no trusted issuer grants the role operator. Make a ' +
      'token with: openssl rand -hex 32',
  )
}
