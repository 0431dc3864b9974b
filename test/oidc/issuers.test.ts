import { chmod, copyFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { makeTemporaryFolder } from '../../scripts/temporary-folder.ts'
import { readTrustedIssuers } from '../../src/oidc/issuers.ts'

const folder = await makeTemporaryFolder('issuers')
t.teardown(() => rm(folder, { recursive: true, force: true }))
const file = join(folder, 'oidc.yaml')
const ca = join(folder, 'ca.pem')
// Its mode in a checkout depends on the umask.
await copyFile(fileURLToPath(new URL('../support/tls/ca.pem', import.meta.url)), ca)
await chmod(ca, 0o644)

async function read(text: string) {
  await writeFile(file, text, { mode: 0o600 })
  return readTrustedIssuers(file)
}

const least = { issuer: 'https://login.example/realms/bund', audience: 'kontor' }

t.test('no file trusts no issuer; the smallest file gets safe defaults', async (t) => {
  t.strictSame(readTrustedIssuers(undefined), [])
  t.match(await read(JSON.stringify({ issuers: [least] })), [
    {
      ...least,
      alias: 'login.example',
      audience: ['kontor'],
      algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      onlyAccessTokens: false,
      toleranceSeconds: 30,
      maxAgeSeconds: 86_400,
      jwksUri: undefined,
      ca: undefined,
      platformClaim: 'sub',
    },
  ])
})

t.test('YAML is read like JSON, with comments', async (t) => {
  const [issuer] = await read(`
issuers:
  - issuer: https://login.example/realms/bund   # as in iss
    alias: bund
    audience: [kontor, kontor-test]
    jwksUri: https://keys.example/bund
    algorithms: [PS256]
    typ: at+jwt
    clockToleranceSeconds: 0
    maxTokenAgeSeconds: 900
    caFile: ${ca}
    platformClaim: azp
    rolesClaim: realm_access.roles
    roles: { kontor-betrieb: operator }
`)
  t.match(issuer, {
    alias: 'bund',
    audience: ['kontor', 'kontor-test'],
    algorithms: ['PS256'],
    onlyAccessTokens: true,
    toleranceSeconds: 0,
    maxAgeSeconds: 900,
    ca: /BEGIN CERTIFICATE/,
    platformClaim: 'azp',
    people: { roles: { 'kontor-betrieb': 'operator' } },
  })
  t.equal(issuer?.jwksUri?.href, 'https://keys.example/bund')
})

t.test('an invalid file is refused with its name and the field', async (t) => {
  const roles = { rolesClaim: 'roles', roles: { a: 'operator' } }
  const wrong: ReadonlyArray<readonly [given: unknown, says: RegExp]> = [
    [{}, /issuers is missing/],
    [{ issuers: [] }, /issuers must NOT have fewer than 1/],
    [{ issuers: [least], more: 1 }, /more is not a known field/],
    [{ issuers: [{ audience: 'kontor' }] }, /issuers\.0\.issuer is missing/],
    [{ issuers: [{ issuer: least.issuer }] }, /issuers\.0\.audience is missing/],
    [{ issuers: [{ ...least, audience: [] }] }, /issuers\.0\.audience/],
    [
      { issuers: [{ ...least, algorithms: ['none'] }] },
      /issuers\.0\.algorithms\.0 must be one of "RS256"/,
    ],
    [
      { issuers: [{ ...least, algorithms: ['HS256'] }] },
      /issuers\.0\.algorithms\.0 must be one of "RS256"/,
    ],
    [{ issuers: [{ ...least, rolesclaim: 'x' }] }, /issuers\.0\.rolesclaim is not a known field/],
    [
      { issuers: [{ ...least, roles: { a: 'operator' } }] },
      /issuers\.0 must have property rolesClaim when property roles is present/,
    ],
    [
      { issuers: [{ ...least, ...roles, roles: { a: 'root' } }] },
      /issuers\.0\.roles\.a must be one of "operator", "provider", "agency", "auditor"/,
    ],
    [{ issuers: [{ ...least, ...roles, acr: { root: ['gold'] } }] }, /issuers\.0\.acr/],
    [{ issuers: [{ ...least, issuer: 'login.example' }] }, /issuers\.0\.issuer must match/],
    [
      { issuers: [{ ...least, issuer: 'http://login.example' }] },
      /issuers\.0\.issuer must begin with https:\/\//,
    ],
    [
      { issuers: [{ ...least, issuer: 'https://u:hunter2@login.example' }] },
      /issuers\.0\.issuer must not hold a password/,
    ],
    [
      { issuers: [{ ...least, jwksUri: 'http://login.example/keys' }] },
      /issuers\.0\.jwksUri must begin with https:\/\//,
    ],
    [
      { issuers: [{ ...least, issuer: 'https://h:port' }] },
      /issuers\.0\.issuer is not a valid URL/,
    ],
    [
      { issuers: [{ ...least, clockToleranceSeconds: 301 }] },
      /issuers\.0\.clockToleranceSeconds must be <= 300/,
    ],
    [
      { issuers: [{ ...least, caFile: join(folder, 'none.pem') }] },
      /issuers\.0\.caFile cannot be read \(ENOENT\)/,
    ],
    [{ issuers: [{ ...least, caFile: file }] }, /issuers\.0\.caFile holds no readable certificate/],
    [
      { issuers: [least, { ...least, alias: 'b' }] },
      /two issuers have the issuer "https:\/\/login\.example/,
    ],
    [
      { issuers: [least, { ...least, issuer: 'https://login.example/other' }] },
      /two issuers have the alias "login\.example"; give each/,
    ],
  ]
  for (const [given, says] of wrong) {
    await t.rejects(
      read(JSON.stringify(given)),
      {
        code: 'configuration',
        message: new RegExp(`^KONTOR_OIDC_FILE \\(${file}\\): .*${says.source}`),
      },
      says.source,
    )
    await t.rejects(read(JSON.stringify(given)), { message: /^((?!hunter2).)*$/ })
  }
  await t.rejects(read('issuers: ['), { message: /neither YAML nor JSON/ })
  await t.rejects(
    read('a: &a [x]\nb: *a'),
    { message: /neither YAML nor JSON/ },
    'no aliases that grow',
  )
  t.throws(() => readTrustedIssuers(join(folder, 'none.yaml')), {
    message: /cannot be read \(ENOENT\)/,
  })
})

t.test(
  'a file that other users may change is refused, and one that they may read is named',
  async (t) => {
    const text = JSON.stringify({ issuers: [{ ...least, caFile: ca }] })
    await read(text)
    const unsafe: string[] = []
    const again = () =>
      readTrustedIssuers(file, ({ name, sentence }) => unsafe.push(`${name}: ${sentence}`))
    for (const [path, name] of [
      [file, 'KONTOR_OIDC_FILE'],
      [ca, 'caFile'],
    ] as const) {
      for (const mode of [0o602, 0o620, 0o666]) {
        await chmod(path, mode)
        t.throws(again, {
          code: 'configuration',
          message: `${name} (${path}) has mode 0${mode.toString(8)}: other users may change it. Set its mode to 0600.`,
        })
      }
      await chmod(path, 0o600)
    }
    unsafe.splice(0)
    await chmod(ca, 0o644)
    again()
    t.strictSame(unsafe, [])
    await chmod(file, 0o644)
    again()
    t.strictSame(unsafe, [
      `file-readable: KONTOR_OIDC_FILE (${file}) has mode 0644: other users may read which claims make an operator. Set its mode to 0600, or to 0640 if root owns it.`,
    ])
  },
)
