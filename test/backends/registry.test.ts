import t from 'tap'
import { checkBackendSettings, createBackend } from '../../src/backends/registry.ts'
import { loopback, tlsFile } from '../support/scripted-upstream.ts'

const settings = { url: 'https://broker.example' }
const nothingMeant =
  'credentials must hold username and password, or token, or tokenUrl, clientId and clientSecret, or clientCertificate, or none: true'
const clientCertificate = { certificate: tlsFile('client.pem'), key: tlsFile('client.key') }
const credentials = { username: 'kontor', password: 'p4ssword' }

// No setting is above them.
const caps = { maxCatalogBytes: 67_108_864, maxResponseBytes: 67_108_864 }

void t.test('valid settings pass and make a back end', async (t) => {
  const full = {
    url: 'http://h:1/a/',
    apiVersion: '2.14',
    tlsCa: `# two of them\n${tlsFile('ca.pem')}${tlsFile('other-ca.pem')}`,
    timeoutSeconds: 0.3,
    originatingIdentity: 'drop',
  }
  const oauth2 = { tokenUrl: 'https://login.example/token?x=1', clientId: 'c', clientSecret: 's' }
  const withPassphrase = {
    ...clientCertificate,
    key: tlsFile('client-encrypted.key'),
    passphrase: 'open-sesame',
  }
  for (const [given, signIn] of [
    [settings, credentials],
    [full, { token: 't' }],
    [settings, { none: true }],
    [settings, oauth2],
    [
      settings,
      {
        ...oauth2,
        clientAuthentication: 'client_secret_post',
        scope: 'a b',
        audience: 'a',
        resource: 'urn:x',
      },
    ],
    ...[credentials, { token: 't' }, oauth2, {}].map((beside) => [
      settings,
      { ...beside, clientCertificate },
    ]),
    [settings, { clientCertificate: withPassphrase }],
    [
      settings,
      {
        clientCertificate: {
          ...clientCertificate,
          certificate: `${clientCertificate.certificate}${tlsFile('clients-ca.pem')}`,
        },
      },
    ],
  ]) {
    t.equal(checkBackendSettings('osb', given, signIn), undefined)
    await createBackend('osb', given, signIn, loopback, caps).close()
  }
})

void t.test('the first error names its field', (t) => {
  const oauth2 = { tokenUrl: 'https://login.example', clientId: 'c', clientSecret: 's' }
  const broken = (what: string) => `-----BEGIN ${what}-----\nrubbish\n-----END ${what}-----`
  const faults: [unknown, unknown, string | RegExp][] = [
    [{}, credentials, 'settings.url is missing'],
    [{ ...settings, colour: 1 }, credentials, 'settings.colour is not a known field'],
    [{ ...settings, timeoutSeconds: 56 }, credentials, 'settings.timeoutSeconds must be <= 55'],
    [
      { ...settings, originatingIdentity: 'guess' },
      credentials,
      'settings.originatingIdentity must be one of "forward", "drop"',
    ],
    [
      { url: 'https://user:pw@h' },
      credentials,
      'settings.url must match pattern "^https?://[^\\s@?#]+$"',
    ],
    [{ url: 'http://[' }, credentials, 'settings.url is not a valid URL'],
    [
      { ...settings, tlsCa: '-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----' },
      credentials,
      'settings.tlsCa holds no readable certificate',
    ],
    [undefined, credentials, 'settings must be object'],
    [settings, undefined, nothingMeant],
    [settings, {}, nothingMeant],
    [settings, { username: 'a' }, 'credentials.password is missing'],
    [settings, { username: 'a', password: '' }, 'credentials.password must not be empty'],
    [settings, { token: 'with space' }, 'credentials.token must match pattern "^[\\x21-\\x7e]+$"'],
    [settings, { none: false }, 'credentials.none must be true'],
    [settings, { none: true, token: 't' }, 'credentials.none is not a known field'],
    [settings, { tokenUrl: 'https://login.example' }, 'credentials.clientId is missing'],
    [
      settings,
      { tokenUrl: 'https://login.example', clientId: 'c', clientSecret: '' },
      'credentials.clientSecret must not be empty',
    ],
    [settings, { clientId: 'c', clientSecret: 's' }, 'credentials.tokenUrl is missing'],
    [
      settings,
      { ...oauth2, tokenUrl: 'https://u:p@login.example' },
      'credentials.tokenUrl must match pattern "^https?://[^\\s@#]+$"',
    ],
    [settings, { ...oauth2, tokenUrl: 'https://[' }, 'credentials.tokenUrl is not a valid URL'],
    [
      settings,
      { ...oauth2, clientAuthentication: 'none' },
      'credentials.clientAuthentication must be one of "client_secret_basic", "client_secret_post"',
    ],
    [settings, { ...oauth2, scope: 'a  b' }, /^credentials\.scope must match pattern/],
    [settings, { ...oauth2, username: 'u' }, 'credentials.username is not a known field'],
    [settings, { clientCertificate: {} }, 'credentials.clientCertificate.certificate is missing'],
    [
      settings,
      { ...credentials, clientCertificate: { ...clientCertificate, key: 'x' } },
      /^credentials\.clientCertificate\.key must match pattern/,
    ],
    [
      settings,
      { clientCertificate: { ...clientCertificate, certificate: broken('CERTIFICATE') } },
      'credentials.clientCertificate.certificate holds no readable certificate',
    ],
    [
      settings,
      { clientCertificate: { ...clientCertificate, key: broken('PRIVATE KEY') } },
      'credentials.clientCertificate.key holds no readable private key',
    ],
    [
      settings,
      { clientCertificate: { ...clientCertificate, key: tlsFile('stranger.key') } },
      'credentials.clientCertificate.key does not belong to the certificate',
    ],
    [
      settings,
      { clientCertificate: { ...clientCertificate, key: tlsFile('client-encrypted.key') } },
      'credentials.clientCertificate.passphrase is missing: the key is encrypted',
    ],
    [
      settings,
      {
        clientCertificate: {
          ...clientCertificate,
          key: tlsFile('client-encrypted.key'),
          passphrase: 'wrong',
        },
      },
      'credentials.clientCertificate.passphrase does not open the key',
    ],
    [
      { url: 'http://broker.example' },
      { clientCertificate },
      'settings.url must begin with https:// for a client certificate',
    ],
    [
      settings,
      { none: true, clientCertificate },
      'credentials.clientCertificate is not a known field',
    ],
  ]
  for (const [given, signIn, said] of faults) {
    const validationError = checkBackendSettings('osb', given, signIn)
    if (typeof said === 'string') t.equal(validationError, said)
    else t.match(validationError, said)
    t.throws(() => createBackend('osb', given, signIn, loopback, caps))
  }
  t.end()
})

void t.test(
  'an expired certificate is refused when new, and accepted when stored already',
  async (t) => {
    const expired = {
      clientCertificate: { ...clientCertificate, certificate: tlsFile('client-expired.pem') },
    }
    t.equal(
      checkBackendSettings('osb', settings, expired, new Date()),
      'credentials.clientCertificate.certificate has expired',
    )
    t.equal(checkBackendSettings('osb', settings, { clientCertificate }, new Date()), undefined)
    t.equal(checkBackendSettings('osb', settings, expired), undefined)
    await createBackend('osb', settings, expired, loopback, caps).close()
  },
)

void t.test('an unknown kind', (t) => {
  t.match(
    checkBackendSettings('toString', settings, credentials),
    /^backend must be one of ("[a-z]+", )*"osb"/,
  )
  t.throws(() => createBackend('ftp', settings, credentials, loopback, caps), {
    message: 'There is no back end of kind "ftp".',
  })
  t.end()
})
