import t from 'tap'
import { checkBackendSettings, createBackend } from '../../src/backends/registry.ts'
import { loopback, tlsFile } from '../support/scripted-upstream.ts'

const settings = { url: 'https://broker.example' }
const nothingMeant = 'credentials must hold username and password, or token, or tokenUrl, clientId and clientSecret, or clientCertificate, or none: true'
const credentials = { username: 'kontor', password: 'p4ssword' }

void t.test('good settings have nothing said about them, and make a back end', async (t) => {
  const full = { url: 'http://h:1/a/', apiVersion: '2.14', tlsCa: `# two of them\n${tlsFile('ca.pem')}${tlsFile('other-ca.pem')}`, timeoutSeconds: 0.3, originatingIdentity: 'drop' }
  for (const [given, signIn] of [[settings, credentials], [full, { token: 't' }], [settings, { none: true }]]) {
    t.equal(checkBackendSettings('osb', given, signIn), undefined)
    await createBackend('osb', given, signIn, loopback).close()
  }
})

void t.test('the first fault is named by its field', (t) => {
  const faults: [unknown, unknown, string][] = [
    [{}, credentials, 'settings.url is missing'],
    [{ ...settings, colour: 1 }, credentials, 'settings.colour is not a known field'],
    [{ ...settings, timeoutSeconds: 56 }, credentials, 'settings.timeoutSeconds must be <= 55'],
    [{ ...settings, originatingIdentity: 'guess' }, credentials, 'settings.originatingIdentity must be one of "forward", "drop"'],
    [{ url: 'https://user:pw@h' }, credentials, 'settings.url must match pattern "^https?://[^\\s@?#]+$"'],
    [{ url: 'http://[' }, credentials, 'settings.url is not a valid URL'],
    [{ ...settings, tlsCa: '-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----' }, credentials, 'settings.tlsCa holds no readable certificate'],
    [undefined, credentials, 'settings must be object'],
    [settings, undefined, nothingMeant],
    [settings, {}, nothingMeant],
    [settings, { username: 'a' }, 'credentials.password is missing'],
    [settings, { username: 'a', password: '' }, 'credentials.password must not be empty'],
    [settings, { token: 'with space' }, 'credentials.token must match pattern "^[\\x21-\\x7e]+$"'],
    [settings, { none: false }, 'credentials.none must be true'],
  ]
  for (const [given, signIn, said] of faults) {
    t.equal(checkBackendSettings('osb', given, signIn), said)
    t.throws(() => createBackend('osb', given, signIn, loopback))
  }
  t.end()
})

void t.test('an unknown kind', (t) => {
  t.equal(checkBackendSettings('toString', settings, credentials), 'backend must be one of "osb"')
  t.throws(() => createBackend('ftp', settings, credentials, loopback), { message: 'There is no back end of kind "ftp".' })
  t.end()
})
