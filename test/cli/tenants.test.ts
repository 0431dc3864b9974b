// The commands for organisations and platforms against a real Kontor, two of them as processes.
import t from 'tap'
import { basicAuth } from '../support/basic-auth.ts'
import { caller, startKontor, until } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { spawnKontor } from '../support/kontor-process.ts'

const kontor = await startKontor(t)
const { environment } = kontor
const overApi = {
  KONTOR_URL: kontor.url,
  KONTOR_ADMIN_TOKEN: environment['KONTOR_ADMIN_TOKEN'] ?? '',
}
const direct = { DATABASE_URL: kontor.databaseUrl, KONTOR_KEYS: environment['KONTOR_KEYS'] ?? '' }
const reason = ['--reason', 'Ticket 4711.']

const kontorCli = (args: readonly string[], given: Record<string, string> = overApi) =>
  runKontor(args, given)

const signsIn = async (credentials: { username: string; password: string }) =>
  (
    await caller(kontor.url, {
      authorization: basicAuth(credentials.username, credentials.password),
      'x-broker-api-version': '2.17',
    })('GET', '/v2/catalog')
  ).status

t.test('commands create, show and retire the tree', async (t) => {
  t.match(
    await kontorCli([
      'organisation',
      'create',
      'land',
      '--display-name',
      'Land A',
      '--level',
      'land',
    ]),
    { code: 0, stdout: /name: +land\n/ },
  )
  t.match(
    await kontorCli([
      'organisation',
      'create',
      'stadt',
      '--display-name',
      'Stadt B',
      '--level',
      'kommune',
      '--parent',
      'land',
      '--leitweg-id',
      '08-A1444-86',
    ]),
    { code: 0, stdout: /parent: +land\nLeitweg-ID: +08-A1444-86/ },
  )
  t.match(
    await kontorCli([
      'organisation',
      'create',
      'kreis',
      '--display-name',
      'x',
      '--level',
      'kommune',
      '--leitweg-id',
      '08-A1444-87',
    ]),
    { code: 1, stdout: '', stderr: /^kontor: leitwegId is no Leitweg-ID/ },
  )
  t.match(await kontorCli(['organisation', 'create', 'kreis', '--level', 'kommune']), {
    code: 1,
    stderr: /required option '--display-name <text>'/,
  })
  t.match(
    (await kontorCli(['organisation', 'list'])).stdout,
    /^ID +NAME +LEVEL +STATE +PARENT +LEITWEG-ID +DISPLAY NAME\n\S+ +stadt +kommune +active +land +08-A1444-86 +Stadt B\n\S+ +land +land +active +Land A\n$/,
  )
  t.match(
    await kontorCli(['organisation', 'change', 'stadt', '--top', '--display-name', 'Stadt C']),
    { code: 0, stdout: /display name: +Stadt C\n/ },
  )
  const shown = await kontorCli(['organisation', 'show', 'stadt'])
  t.notMatch(shown.stdout, /below:/)
  t.strictSame(
    await spawnKontor(t, ['organisation', 'show', 'stadt'], overApi).ended(),
    shown,
    'as a process too',
  )
  t.match(await kontorCli(['organisation', 'suspend', 'stadt', ...reason]), {
    code: 0,
    stdout: /state: +suspended/,
  })
  t.match(await kontorCli(['organisation', 'resume', 'stadt', ...reason]), {
    code: 0,
    stdout: /state: +active/,
  })
  t.match(await kontorCli(['organisation', 'retire', 'stadt', ...reason]), {
    code: 0,
    stdout: /state: +retired/,
  })
  t.match(
    JSON.parse((await kontorCli(['organisation', 'list', '--state', 'retired', '--json'])).stdout),
    { items: [{ name: 'stadt' }], next: null },
  )
})

t.test(
  'a platform is made with its credentials, straight in the database or over the API',
  async (t) => {
    const first = await spawnKontor(t, ['platform', 'create', 'by-hand'], direct).ended()
    t.match(first, { code: 0, stderr: '' })
    await until(
      () => signsIn(JSON.parse(first.stdout)),
      (status) => status === 200,
    )
    t.match(await kontorCli(['platform', 'create', 'by-hand'], direct), {
      code: 1,
      stderr: 'kontor: A platform named "by-hand" exists already, perhaps a retired one.\n',
    })
    t.match(await kontorCli(['platform', 'create', 'other', '--organisation', 'land'], direct), {
      code: 1,
      stderr: /^kontor: KONTOR_URL is not set/,
    })
    const second = await kontorCli([
      'platform',
      'create',
      'by-api',
      '--kind',
      'kubernetes',
      '--organisation',
      'land',
    ])
    t.equal(await signsIn(JSON.parse(second.stdout)), 200)
    t.match(
      (await kontorCli(['platform', 'list', '--organisation', 'land'])).stdout,
      /^ID +NAME +KIND +STATE +ORGANISATION +DISPLAY NAME\n\S+ +by-api +kubernetes +active +land +by-api\n$/,
    )
    t.match((await kontorCli(['platform', 'show', 'by-hand'])).stdout, /kind: +other\n/)
  },
)

t.test('credentials are rotated, and the platform is retired', async (t) => {
  const issued = (await kontorCli(['platform', 'credential', 'issue', 'by-api'])).stdout
  const field = (name: string) => new RegExp(`^${name}: +(\\S+)$`, 'm').exec(issued)?.[1] ?? ''
  t.equal(await signsIn({ username: field('username'), password: field('password') }), 200)
  const list = await kontorCli(['platform', 'credential', 'list', 'by-api'])
  const [old = ''] = /^[0-9a-f-]{36}/m.exec(list.stdout) ?? []
  t.match(
    list.stdout,
    /^ID +KIND +SIGNS IN AS +CREATED +LAST USED\n\S+ +basic +by-api-[0-9a-f]{8} +\S+Z +\S+Z\n\S+ +basic/,
  )
  t.notOk(list.stdout.includes(field('password')))
  t.match(await kontorCli(['platform', 'credential', 'issue', 'by-api']), {
    code: 1,
    stderr: new RegExp(`Revoke one first: ${old}`),
  })
  t.match(await kontorCli(['platform', 'credential', 'revoke', 'by-api', old]), {
    code: 0,
    stdout: 'Revoked.\n',
  })
  t.match(
    await kontorCli([
      'platform',
      'credentials',
      'issue',
      'by-api',
      '--kind',
      'mtls',
      '--certificate-name',
      'cf.example',
    ]),
    { code: 0, stdout: /certificate name: +dns:cf\.example/ },
  )
  t.match(await kontorCli(['platform', 'suspend', 'by-api', ...reason]), {
    code: 0,
    stdout: /state: +suspended/,
  })
  t.match(await kontorCli(['platform', 'resume', 'by-api', ...reason]), {
    code: 0,
    stdout: /state: +active/,
  })
  t.match(await kontorCli(['platform', 'retire', 'by-api', ...reason]), {
    code: 0,
    stdout: /state: +retired/,
  })
  t.equal(await signsIn({ username: field('username'), password: field('password') }), 401)
  t.match(await kontorCli(['platform', 'show', 'unknown']), {
    code: 1,
    stderr: 'kontor: There is no such platform.\n',
  })
})
