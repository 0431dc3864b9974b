import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { BrokerError } from './errors.ts'
import { readMailConfig, type MailConfig } from './mail-config.ts'
import { validateNetwork } from './networks.ts'
import { describeError } from './schemas.ts'
import type { ConfigVariables } from './types.gen.ts'

/** Where PEM files are; they may change while we run. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
  /** Undefined: no client is asked for a certificate. */
  readonly clientCa: string | undefined
}

/** The environment, checked and with defaults; names say their units. */
export interface Config {
  readonly databaseUrl: string | undefined
  readonly databaseConnections: number
  readonly host: string
  readonly port: number
  readonly dataFolder: string
  readonly adminToken: string | undefined
  readonly oidcFile: string | undefined
  /** Undefined: plain HTTP. */
  readonly tls: TlsFiles | undefined
  /** An access token for the commands that call the management API. */
  readonly token: string | undefined
  readonly keys: string | undefined
  readonly keysFile: string | undefined
  /** Whether a database is refused whose rows and values are not all sealed. */
  readonly requiresSealed: boolean
  readonly url: string | undefined
  /** Scheme and host under which browsers reach Kontor; undefined: as each request says. */
  readonly publicUrl: URL | undefined
  /** How long people stay signed in to the console, at most and without use. */
  readonly sessionLimits: { readonly maxMs: number; readonly idleMs: number }
  /** Where readers of the console report barriers: an e-mail address or an https URL. */
  readonly contact: string | undefined
  /** Undefined: Kontor sends no mail. */
  readonly mail: MailConfig | undefined
  /** CIDR ranges and addresses that providers may have beside public ones. */
  readonly providerNetworks: readonly string[]
  /** Whether dashboards of instances may have `http:` URLs outside those networks. */
  readonly allowsHttpDashboards: boolean
  readonly logLevel: string
  readonly minApiMinor: number
  /** Whether a plan that no rule names is for everybody. */
  readonly isCatalogOpen: boolean
  readonly inlineMs: number
  readonly leaseMs: number
  readonly pollMs: number
  readonly maxPollMs: number
  readonly inDoubtMs: number
  readonly maxPollingMs: number
  readonly retriesBeforeParking: number
  readonly maxBodyBytes: number
  readonly drainMs: number
  /** Signed checkpoints of the audit log. */
  readonly checkpoints: {
    readonly intervalMs: number
    readonly file: string | undefined
    readonly url: URL | undefined
  }
  readonly organisationAnnotation: string
  readonly limits: LimitsConfig
  readonly answerCaps: AnswerCaps
  readonly catalogCaps: CatalogCaps
}

/** What a provider may send, whatever its own settings say. See docs/operations.md, "Limits". */
export interface AnswerCaps {
  readonly maxCatalogBytes: number
  readonly maxResponseBytes: number
}

/** What Kontor publishes and keeps of one provider's catalog. See docs/operations.md, "Limits". */
export interface CatalogCaps {
  readonly bytes: number
  readonly offerings: number
  readonly plans: number
  readonly plansPerOffering: number
  /** Of one offering without its plans. */
  readonly offeringBytes: number
  /** Of one plan with its schemas. */
  readonly planBytes: number
  /** Of one reading. */
  readonly findings: number
  /** Withdrawn plans that nothing needs. */
  readonly withdrawn: number
}

/** See docs/operations.md, "Limits". */
export interface LimitsConfig {
  readonly maxConnections: number
  /** Streams of events of one process, and of one person at it. */
  readonly streams: number
  readonly streamsOfPerson: number
  readonly requestMs: number
  /** In fastify's form; undefined: X-Forwarded-For of no proxy is trusted. */
  readonly trustedProxies: string[] | undefined
  readonly hstsSeconds: number
  readonly rates: {
    readonly orders: number
    readonly requests: number
    readonly burstSeconds: number
  }
  readonly failedSignInsPerMinute: number
  readonly maxLoopDelayMs: number
  readonly maxDatabaseWaitMs: number
  readonly maxMemoryPercent: number
}

const schema = JSON.parse(
  readFileSync(new URL('../schemas/config.json', import.meta.url), 'utf8'),
) as { properties: Record<string, unknown> }

export const variableNames: readonly string[] = Object.keys(schema.properties)

// Variables are text; only here are numbers read from text.
const ajv = new Ajv2020({
  coerceTypes: true,
  useDefaults: true,
  strict: false,
  validateSchema: false, // as in schemas.ts
})
const validate = ajv.compile<
  Required<Pick<ConfigVariables, 'HOST' | 'PORT' | 'KONTOR_DATA'>> & ConfigVariables
>(schema)

// Variables of 0.1 by the names that they have now. A silent fall-back to the default would change
// how Kontor works.
const renamedVariables: Readonly<Record<string, string>> = {
  KONTOR_QUIET_SECONDS: 'KONTOR_IN_DOUBT_SECONDS',
  KONTOR_TRIES_BEFORE_PARKING: 'KONTOR_RETRIES_BEFORE_PARKING',
}

/**
 * Reads and checks the environment.
 * @param environment   such as process.env; a variable that is set but empty counts as not set
 * @throws BrokerError `configuration` that names the variable, and the new name of one that was
 *   renamed
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  for (const [former, name] of Object.entries(renamedVariables)) {
    if ((environment[former] ?? '') !== '')
      throw new BrokerError('configuration', `${former} is now ${name}. Set that instead.`)
  }
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => name in schema.properties && value !== undefined && value !== '',
    ),
  )
  const values: unknown = { ...given }
  if (!validate(values)) {
    const error = validate.errors?.[0]
    throw validationError(
      error?.instancePath.slice(1) ?? '',
      describeError(error, 'the configuration'),
    )
  }
  // Checks that a JSON Schema cannot express.
  if (values.DATABASE_URL !== undefined && !URL.canParse(values.DATABASE_URL))
    throw validationError('DATABASE_URL', 'DATABASE_URL is not a valid URL')
  if (values.KONTOR_URL !== undefined && !URL.canParse(values.KONTOR_URL))
    throw validationError('KONTOR_URL', 'KONTOR_URL is not a valid URL')
  if (values.KONTOR_KEYS !== undefined && values.KONTOR_KEYS_FILE !== undefined)
    throw new BrokerError(
      'configuration',
      'KONTOR_KEYS and KONTOR_KEYS_FILE are both set; set one of them.',
    )
  const seconds = (value: number | undefined) => (value ?? 0) * 1_000
  const publicUrl = readPublicUrl(values.KONTOR_PUBLIC_URL)
  return {
    databaseUrl: values.DATABASE_URL,
    databaseConnections: values.KONTOR_DATABASE_CONNECTIONS ?? 10,
    host: values.HOST,
    port: values.PORT,
    dataFolder: values.KONTOR_DATA,
    adminToken: values.KONTOR_ADMIN_TOKEN,
    oidcFile: values.KONTOR_OIDC_FILE,
    tls: tlsOf(values),
    token: values.KONTOR_TOKEN,
    keys: values.KONTOR_KEYS,
    keysFile: values.KONTOR_KEYS_FILE,
    requiresSealed: values.KONTOR_REQUIRE_SEALED === 'true',
    url: values.KONTOR_URL,
    contact: values.KONTOR_CONTACT,
    publicUrl,
    mail: readMailConfig(values, publicUrl, localNames, validationError),
    sessionLimits: {
      maxMs: seconds(values.KONTOR_SESSION_SECONDS),
      idleMs: seconds(values.KONTOR_SESSION_IDLE_SECONDS),
    },
    providerNetworks: readNetworks('KONTOR_PROVIDER_NETWORKS', values.KONTOR_PROVIDER_NETWORKS),
    allowsHttpDashboards: values.KONTOR_DASHBOARDS === 'http',
    logLevel: values.LOG_LEVEL ?? 'info',
    minApiMinor: Number((values.KONTOR_MIN_API_VERSION ?? '2.13').split('.')[1]),
    isCatalogOpen: values.KONTOR_VISIBILITY !== 'closed',
    inlineMs: seconds(values.KONTOR_INLINE_SECONDS),
    leaseMs: seconds(values.KONTOR_LEASE_SECONDS),
    pollMs: seconds(values.KONTOR_POLL_SECONDS),
    maxPollMs: seconds(values.KONTOR_MAX_POLL_SECONDS),
    inDoubtMs: seconds(values.KONTOR_IN_DOUBT_SECONDS),
    maxPollingMs: seconds(values.KONTOR_MAX_POLLING_SECONDS),
    retriesBeforeParking: values.KONTOR_RETRIES_BEFORE_PARKING ?? 60,
    maxBodyBytes: values.KONTOR_MAX_BODY_BYTES ?? 1_048_576,
    drainMs: seconds(values.KONTOR_DRAIN_SECONDS),
    checkpoints: {
      intervalMs: seconds(values.KONTOR_CHECKPOINT_SECONDS),
      file: values.KONTOR_CHECKPOINTS_FILE,
      url: readCheckpointsUrl(values.KONTOR_CHECKPOINTS_URL),
    },
    organisationAnnotation: values.KONTOR_ORGANISATION_ANNOTATION ?? 'kontor.internal/organisation',
    limits: {
      maxConnections: values.KONTOR_MAX_CONNECTIONS ?? 5_000,
      streams: values.KONTOR_MAX_STREAMS ?? 500,
      streamsOfPerson: values.KONTOR_MAX_STREAMS_OF_PERSON ?? 20,
      requestMs: seconds(values.KONTOR_REQUEST_SECONDS),
      trustedProxies: readProxies(values.KONTOR_TRUSTED_PROXIES),
      hstsSeconds: values.KONTOR_HSTS_SECONDS ?? 0,
      rates: {
        orders: values.KONTOR_ORDER_RATE ?? 50,
        requests: values.KONTOR_REQUEST_RATE ?? 200,
        burstSeconds: values.KONTOR_RATE_BURST_SECONDS ?? 30,
      },
      failedSignInsPerMinute: values.KONTOR_FAILED_SIGN_INS_PER_MINUTE ?? 60,
      maxLoopDelayMs: seconds(values.KONTOR_MAX_LOOP_DELAY_SECONDS),
      maxDatabaseWaitMs: seconds(values.KONTOR_MAX_DATABASE_WAIT_SECONDS),
      maxMemoryPercent: values.KONTOR_MAX_MEMORY_PERCENT ?? 90,
    },
    ...capsOf(values),
  }
}

/** How long an answer of a provider may be, and its catalog, in bytes, by default. */
export const defaultAnswerCaps = {
  maxResponseBytes: 1_048_576,
  maxCatalogBytes: 8_388_608,
} as const

function capsOf(values: ConfigVariables): Pick<Config, 'answerCaps' | 'catalogCaps'> {
  const maxCatalogBytes = values.KONTOR_MAX_CATALOG_BYTES ?? defaultAnswerCaps.maxCatalogBytes
  return {
    answerCaps: {
      maxCatalogBytes,
      maxResponseBytes: values.KONTOR_MAX_RESPONSE_BYTES ?? defaultAnswerCaps.maxResponseBytes,
    },
    catalogCaps: {
      bytes: maxCatalogBytes,
      offerings: values.KONTOR_MAX_OFFERINGS ?? 500,
      plans: values.KONTOR_MAX_PLANS ?? 5_000,
      plansPerOffering: values.KONTOR_MAX_PLANS_PER_OFFERING ?? 200,
      offeringBytes: values.KONTOR_MAX_OFFERING_BYTES ?? 65_536,
      planBytes: values.KONTOR_MAX_PLAN_BYTES ?? 262_144,
      findings: values.KONTOR_MAX_FINDINGS ?? 100,
      withdrawn: values.KONTOR_MAX_WITHDRAWN ?? 5_000,
    },
  }
}

/** @param words  what may stand there beside addresses and ranges */
function readNetworks(name: string, text = '', words: readonly string[] = []): string[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  for (const entry of entries) {
    const problem = words.includes(entry) ? undefined : validateNetwork(entry)
    if (problem !== undefined)
      throw validationError(name, `${name} holds ${JSON.stringify(entry)}, which ${problem}`)
  }
  return entries
}

function readProxies(text: string | undefined): string[] | undefined {
  const name = 'KONTOR_TRUSTED_PROXIES'
  const entries = readNetworks(name, text, ['loopback', 'linklocal', 'uniquelocal'])
  const all = entries.find((entry) => entry.endsWith('/0'))
  if (all !== undefined)
    throw validationError(
      name,
      `${name} holds ${JSON.stringify(all)}, which would let everybody say who he is`,
    )
  return entries.length === 0 ? undefined : entries
}

const localNames: readonly string[] = ['127.0.0.1', '[::1]', 'localhost']

// Without TLS anyone on the way could hold checkpoints back and answer in the operator's place.
function readCheckpointsUrl(text: string | undefined): URL | undefined {
  const name = 'KONTOR_CHECKPOINTS_URL'
  if (text === undefined) return undefined
  if (!URL.canParse(text)) throw validationError(name, `${name} is not a valid URL`)
  const url = new URL(text)
  const isLocal = localNames.includes(url.hostname)
  if (url.protocol !== 'https:' && !isLocal)
    throw validationError(name, `${name} has no TLS and leads to another machine`)
  return url
}

// Cookies and codes of the sign-in must not cross a network in clear.
function readPublicUrl(text: string | undefined): URL | undefined {
  const name = 'KONTOR_PUBLIC_URL'
  if (text === undefined) return undefined
  if (!URL.canParse(text)) throw validationError(name, `${name} is not a valid URL`)
  const url = new URL(text)
  if (url.protocol !== 'https:' && !localNames.includes(url.hostname))
    throw validationError(name, `${name} has no TLS and leads to another machine`)
  return url
}

function tlsOf({
  KONTOR_TLS_CERT: cert,
  KONTOR_TLS_KEY: key,
  KONTOR_TLS_CLIENT_CA: clientCa,
}: ConfigVariables): TlsFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key, clientCa }
  if (cert !== undefined)
    throw validationError('KONTOR_TLS_KEY', 'KONTOR_TLS_CERT is set, but KONTOR_TLS_KEY is not')
  if (key !== undefined)
    throw validationError('KONTOR_TLS_CERT', 'KONTOR_TLS_KEY is set, but KONTOR_TLS_CERT is not')
  if (clientCa !== undefined)
    throw validationError(
      'KONTOR_TLS_CERT',
      'KONTOR_TLS_CLIENT_CA is set, but KONTOR_TLS_CERT is not',
    )
  return undefined
}

function validationError(name: string, problem: string): BrokerError {
  const hint = (schema.properties[name] as { description?: string } | undefined)?.description
  return new BrokerError(
    'configuration',
    `${problem}.${hint === undefined ? '' : ` ${name}: ${hint}`}`,
  )
}
