import { readFile } from 'node:fs/promises'
import t from 'tap'
import { readConfig } from '../src/config.ts'
import { findUnsafeSettings } from '../src/unsafe-settings.ts'

t.test('nothing set gives the defaults, and what is set but empty counts as not set', async (t) => {
  const defaults = readConfig({})
  t.match(defaults, {
    databaseUrl: undefined,
    adminToken: undefined,
    oidcFile: undefined,
    tls: undefined,
    token: undefined,
    keys: undefined,
    host: '127.0.0.1',
    port: 8080,
    dataFolder: '.kontor',
    logLevel: 'info',
    minApiMinor: 13,
    inlineMs: 10_000,
    leaseMs: 8_000,
    pollMs: 2_000,
    maxPollMs: 60_000,
    maxPollingMs: 604_800_000,
    maxBodyBytes: 1_048_576,
    drainMs: 25_000,
    databaseConnections: 10,
    retriesBeforeParking: 60,
    providerNetworks: { length: 0 },
    limits: {
      maxConnections: 5_000,
      requestMs: 30_000,
      trustedProxies: undefined,
      hstsSeconds: 0,
      rates: { orders: 50, requests: 200, burstSeconds: 30 },
      failedSignInsPerMinute: 60,
      maxLoopDelayMs: 1_000,
      maxDatabaseWaitMs: 1_000,
      maxMemoryPercent: 90,
    },
  })
  t.strictSame(
    readConfig({
      PORT: '',
      DATABASE_URL: '',
      KONTOR_KEYS: '',
      HOST: undefined,
      SOMETHING_ELSE: 'x',
    }),
    defaults,
  )
})

t.test('what is set is read as what it is', async (t) => {
  t.match(
    readConfig({
      PORT: '0',
      HOST: '::',
      DATABASE_URL: 'postgresql://u:p@h/d',
      KONTOR_MIN_API_VERSION: '2.16',
      KONTOR_INLINE_SECONDS: '0.5',
      KONTOR_POLL_SECONDS: '.25',
      KONTOR_DRAIN_SECONDS: '0',
      KONTOR_ADMIN_TOKEN: 'x'.repeat(32),
      LOG_LEVEL: 'silent',
      KONTOR_PROVIDER_NETWORKS: ' 10.0.0.0/8, fd00::/8,,::1,',
    }),
    {
      providerNetworks: ['10.0.0.0/8', 'fd00::/8', '::1'],
      port: 0,
      host: '::',
      databaseUrl: 'postgresql://u:p@h/d',
      minApiMinor: 16,
      inlineMs: 500,
      pollMs: 250,
      drainMs: 0,
      adminToken: 'x'.repeat(32),
      logLevel: 'silent',
    },
  )
  t.strictSame(readConfig({ KONTOR_TLS_CERT: 'c', KONTOR_TLS_KEY: 'k' }).tls, {
    cert: 'c',
    key: 'k',
    clientCa: undefined,
  })
  t.strictSame(
    readConfig({ KONTOR_TLS_CERT: 'c', KONTOR_TLS_KEY: 'k', KONTOR_TLS_CLIENT_CA: 'a' }).tls,
    { cert: 'c', key: 'k', clientCa: 'a' },
  )
  t.equal(
    readConfig({ DATABASE_URL: 'postgres:///kontor?host=/var/run/postgresql' }).databaseUrl,
    'postgres:///kontor?host=/var/run/postgresql',
    'a socket',
  )
  t.strictSame(
    readConfig({ KONTOR_TRUSTED_PROXIES: ' 10.0.0.0/8,loopback, ::1 , fd00::/8,' }).limits
      .trustedProxies,
    ['10.0.0.0/8', 'loopback', '::1', 'fd00::/8'],
  )
})

t.test(
  "a value that cannot be is refused by the variable's name, with what it is for",
  async (t) => {
    const wrong: Record<string, ReadonlyArray<readonly [value: string, says: RegExp]>> = {
      PORT: [
        ['abc', /must be integer/],
        ['-1', /must be >= 0/],
        ['65536', /must be <= 65535/],
        ['80.5', /must be integer/],
        ['80 80', /must be integer/],
        ['true', /must be integer/],
        ['NaN', /must be integer/],
      ],
      DATABASE_URL: [
        ['mysql://localhost/kontor', /must match pattern/],
        ['localhost', /must match pattern/],
        ['postgres://u:secret@h:port/d', /is not a valid URL/],
        ['postgres://u:secret@h:99999/d', /is not a valid URL/],
      ],
      KONTOR_ADMIN_TOKEN: [['short', /must be at least 32 characters/]],
      KONTOR_URL: [
        ['localhost:8080', /must match pattern/],
        ['http://host:99999', /is not a valid URL/],
      ],
      LOG_LEVEL: [
        ['loud', /must be one of "fatal"/],
        ['INFO', /must be one of/],
      ],
      KONTOR_DATABASE_CONNECTIONS: [
        ['1', /must be >= 2/],
        ['many', /must be integer/],
      ],
      KONTOR_MIN_API_VERSION: [
        ['3.0', /must match pattern/],
        ['2', /must match pattern/],
        ['2.13.1', /must match pattern/],
      ],
      KONTOR_INLINE_SECONDS: [
        ['-1', /must be >= 0/],
        ['51', /must be <= 50/],
        ['soon', /must be number/],
        ['Infinity', /must be/],
      ],
      KONTOR_LEASE_SECONDS: [['0', /must be >= 1/]],
      KONTOR_POLL_SECONDS: [['0', /must be >= 0\.1/]],
      KONTOR_MAX_POLL_SECONDS: [
        ['0.5', /must be >= 1/],
        ['3601', /must be <= 3600/],
      ],
      KONTOR_MAX_POLLING_SECONDS: [['0', /must be >= 1/]],
      KONTOR_RETRIES_BEFORE_PARKING: [
        ['0', /must be >= 1/],
        ['often', /must be integer/],
      ],
      KONTOR_MAX_BODY_BYTES: [
        ['10', /must be >= 1024/],
        ['1e12', /must be <= 67108864/],
      ],
      KONTOR_MAX_CATALOG_BYTES: [['1000', /must be >= 1024/]],
      KONTOR_MAX_PLANS: [['0', /must be >= 1/]],
      KONTOR_MAX_FINDINGS: [['1001', /must be <= 1000/]],
      KONTOR_MAX_WITHDRAWN: [['all', /must be integer/]],
      KONTOR_PROVIDER_NETWORKS: [
        ['10.0.0.0/8,intern', /holds "intern", which is neither an IP address nor a CIDR range/],
        ['10.1.0.0/8', /holds "10\.1\.0\.0\/8", which has bits set beyond/],
        ['::1/129', /holds .* must end with a prefix length from \/0 to \/128/],
        ['1.2.3.4;5.6.7.8', /holds .* neither/],
      ],
      KONTOR_DRAIN_SECONDS: [['x', /must be number/]],
      KONTOR_CHECKPOINT_SECONDS: [['0', /must be >= 0\.1/]],
      KONTOR_CHECKPOINTS_URL: [
        ['ftp://logs.example', /must match pattern/],
        ['http://logs.example/kontor', /has no TLS and leads to another machine/],
      ],
      KONTOR_TRUSTED_PROXIES: [
        ['proxy', /holds "proxy", which is neither/],
        ['loopback/8', /holds .* neither/],
        ['10.0.0.0/33', /holds .* must end with a prefix length/],
        ['10.0.0.1,0.0.0.0/0', /holds "0\.0\.0\.0\/0", which would let everybody say who he is/],
      ],
      KONTOR_ORDER_RATE: [
        ['-1', /must be >= 0/],
        ['fast', /must be number/],
      ],
      KONTOR_RATE_BURST_SECONDS: [['0', /must be >= 1/]],
      KONTOR_MAX_CONNECTIONS: [['0', /must be >= 1/]],
      KONTOR_MAX_MEMORY_PERCENT: [['100', /must be <= 99/]],
    }
    for (const [name, values] of Object.entries(wrong)) {
      for (const [value, says] of values) {
        t.throws(
          () => readConfig({ [name]: value }),
          {
            code: 'configuration',
            message: new RegExp(`^${name} ${says.source}.*${name}: \\w`, 's'),
          },
          `${name}=${value}`,
        )
      }
    }
  },
)

const mailSettings = {
  KONTOR_SMTP_URL: 'smtp://mail.example',
  KONTOR_MAIL_FROM: 'kontor@verwaltung.example',
  KONTOR_PUBLIC_URL: 'https://kontor.example',
}

t.test('mail needs a server, a sender and an address for its links, and TLS', async (t) => {
  const mailOf = (more: Record<string, string> = {}) =>
    readConfig({ ...mailSettings, ...more }).mail
  t.equal(readConfig({}).mail, undefined)
  t.match(mailOf(), { requiresTls: true, passwordFile: undefined })
  t.match(mailOf({ KONTOR_SMTP_TLS: 'optional' }), { requiresTls: false })
  t.match(mailOf({ KONTOR_SMTP_URL: 'smtp://127.0.0.1:25' }), { requiresTls: false })
  for (const [more, says] of [
    [{ KONTOR_MAIL_FROM: '' }, 'KONTOR_SMTP_URL is set, but KONTOR_MAIL_FROM is not'],
    [{ KONTOR_PUBLIC_URL: '' }, 'KONTOR_SMTP_URL is set, but KONTOR_PUBLIC_URL is not'],
    [{ KONTOR_SMTP_URL: '' }, 'KONTOR_MAIL_FROM is set, but KONTOR_SMTP_URL is not'],
    [{ KONTOR_SMTP_URL: 'smtp://user@mail.example' }, 'KONTOR_SMTP_URL must name a user if'],
    [{ KONTOR_SMTP_PASSWORD_FILE: 'password' }, 'KONTOR_SMTP_URL must name a user if'],
    [{ KONTOR_SMTP_URL: 'smtp://u:p@mail.example' }, 'KONTOR_SMTP_URL holds a password'],
    [{ KONTOR_MAIL_FROM: 'a@b.example,c@d.example' }, 'KONTOR_MAIL_FROM must match pattern'],
  ] as const)
    t.throws(() => mailOf(more), { code: 'configuration', message: new RegExp(`^${says}`) }, says)
})

t.test('a variable that was renamed stops the start and names the new one', async (t) => {
  for (const [former, name] of [
    ['KONTOR_QUIET_SECONDS', 'KONTOR_IN_DOUBT_SECONDS'],
    ['KONTOR_TRIES_BEFORE_PARKING', 'KONTOR_RETRIES_BEFORE_PARKING'],
  ] as const) {
    t.throws(() => readConfig({ [former]: '60' }), {
      code: 'configuration',
      message: `${former} is now ${name}. Set that instead.`,
    })
    t.doesNotThrow(() => readConfig({ [former]: '' }), 'set but empty counts as not set')
  }
})

t.test('a secret that is refused is not shown', async (t) => {
  for (const environment of [
    { KONTOR_ADMIN_TOKEN: 'hunter2' },
    { DATABASE_URL: 'postgres://u:hunter2@h:port/d' },
    { DATABASE_URL: 'mysql://u:hunter2@h/d' },
    { KONTOR_SMTP_URL: 'smtp://u:hunter2@h' },
    { KONTOR_SMTP_URL: 'http://u:hunter2@h' },
  ]) {
    t.throws(() => readConfig(environment), { message: /^((?!hunter2).)*$/s })
  }
})

t.test(
  'the table of docs/operations.md names every variable, with its default and what it is for',
  async (t) => {
    const read = (file: string) => readFile(new URL(`../${file}`, import.meta.url), 'utf8')
    const { properties } = JSON.parse(await read('schemas/config.json')) as {
      properties: Record<string, { default?: string | number; description: string }>
    }
    const rows = Array.from(
      (await read('docs/operations.md')).matchAll(
        /^\| `([A-Z_]+)` +\| (?:`([^`]*)`)? *\| (.*?) *\|$/gm,
      ),
      ([, name = '', value, says = '']) => ({ name, value, says: says.replaceAll('`', '') }),
    )
    t.strictSame(rows.map(({ name }) => name).sort(), Object.keys(properties).sort())
    for (const { name, value, says } of rows) {
      t.equal(value, properties[name]?.default?.toString(), name)
      t.ok(
        says.startsWith(properties[name]?.description.replaceAll('`', '') ?? '-'),
        `${name}: ${says}`,
      )
    }
  },
)

t.test('what is unsafe has a stable name, and what is safe has none', async (t) => {
  const namesOf = (environment: Record<string, string>, http = true) =>
    findUnsafeSettings(readConfig(environment), environment, http).map(({ name }) => name)
  const tls = { KONTOR_TLS_CERT: 'c', KONTOR_TLS_KEY: 'k' }
  for (const HOST of ['0.0.0.0', '::', '10.0.0.7', 'kontor.example'])
    t.strictSame(namesOf({ HOST }), ['listens-without-tls'], HOST)
  for (const HOST of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
    t.strictSame(namesOf({ HOST }), [], HOST)
  t.strictSame(namesOf({ HOST: '::' }, false), [], 'a process that does not listen')
  t.strictSame(namesOf({ HOST: '::', ...tls }), [])
  t.strictSame(namesOf({ HOST: '::', KONTOR_TRUSTED_PROXIES: '10.0.0.1' }), [], 'TLS ends in front')
  t.strictSame(namesOf({ KONTOR_PROVIDER_NETWORKS: '10.0.0.0/8,::/0' }), ['networks-all'])
  const mail = { ...mailSettings, KONTOR_SMTP_TLS: 'optional' }
  t.strictSame(namesOf(mail), ['mail-without-tls'])
  t.strictSame(namesOf({ ...mail, KONTOR_SMTP_URL: 'smtps://mail.example' }), [])
  t.strictSame(namesOf({ ...mail, KONTOR_SMTP_URL: 'smtp://[::1]:25' }), [])
  const saysOf = (name: string) =>
    findUnsafeSettings(readConfig({}), { [name]: 'hunter2' }, true).map(({ sentence }) => sentence)
  for (const [name, near] of [
    ['KONTOR_KEYSFILE', 'KONTOR_KEYS_FILE'],
    ['KONTOR_TSL_KEY', 'KONTOR_TLS_KEY'],
    ['KONTOR_KEY', 'KONTOR_KEYS'],
    ['kontor_oidc_file', 'KONTOR_OIDC_FILE'],
    ['KONTOR_PORT', 'PORT'],
    ['KONTOR_LOG_LEVEL', 'LOG_LEVEL'],
  ] as const)
    t.strictSame(saysOf(name), [
      `${name} is set, but Kontor reads no variable of that name. Did you mean ${near}?`,
    ])
  t.strictSame(saysOf('KONTOR_ZZZ'), [
    'KONTOR_ZZZ is set, but Kontor reads no variable of that name.',
  ])
  t.strictSame(saysOf('KONTOR_TOKEN'), [])
  t.strictSame(saysOf('OTHER_KONTOR_THING'), [])
})
