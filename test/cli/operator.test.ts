// The operator's commands against a real Kontor, the first of them as a process.
import t from 'tap'
import { here, startKontor, until } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { spawnKontor } from '../support/kontor-process.ts'

const kontor = await startKontor(t, { environment: { KONTOR_RETRIES_BEFORE_PARKING: '1' } })
const { admin, call } = kontor
const token = kontor.environment['KONTOR_ADMIN_TOKEN'] ?? ''
const reason = ['--reason', 'Ticket 4711.']

const kontorCli = (
  args: readonly string[],
  environment: Record<string, string> = { KONTOR_URL: kontor.url, KONTOR_ADMIN_TOKEN: token },
) => runKontor(args, environment)

t.test('commands list, show and resolve a parked order', async (t) => {
  const { simulator } = await kontor.addProvider('nord')
  const ids = await kontor.find('nord', 'db', 'small')
  simulator.faults.add({ on: 'provision', times: 0, when: 'after', do: { status: 500 } })
  simulator.faults.add({ on: 'deprovision', times: 0, do: { status: 500 } })
  // The platform chooses the ids, so they may contain terminal control characters.
  for (const id of ['i1', 'i2%1b%5b2J', 'i3'])
    t.equal((await call('PUT', `/v2/service_instances/${id}`, { ...ids, ...here })).status, 502)
  const {
    body: { items },
  } = await until(
    () => admin('GET', '/api/operations?state=parked'),
    ({ body }) => body.items.length === 3,
  )
  const [third, second, first] = items.map(({ id }: { id: string }) => id) as [
    string,
    string,
    string,
  ]

  const words = ['operation', 'list', '--state', 'parked', '--provider', 'nord']
  const list = await kontorCli(words)
  t.match(list, { code: 0, stderr: '' })
  const environment = { KONTOR_URL: kontor.url, KONTOR_ADMIN_TOKEN: token }
  t.strictSame(await spawnKontor(t, words, environment).ended(), list, 'as a process too')
  t.notOk(list.stdout.includes('\u001b'), 'nothing steers the terminal')
  const lines = list.stdout.trim().split('\n')
  t.match(
    lines[0],
    /^ID +KIND +STATE +PROVIDER +OFFERING +PLAN +PLATFORM +INSTANCE +BINDING +RETRIES +CREATED$/,
  )
  t.match(lines[2], /provision +parked +nord +nord-db +small +first +i2\?\[2J /)
  t.equal(
    new Set(lines.map((line) => line.indexOf(line.startsWith('ID') ? 'KIND' : 'provision'))).size,
    1,
    'the columns are aligned',
  )
  t.match(
    (await kontorCli(['operation', 'list', '--state', 'parked', '--limit', '1'])).stdout,
    new RegExp(`More: --cursor ${third}`),
  )
  t.match(
    JSON.parse((await kontorCli(['operation', 'list', '--instance', 'i1', '--json'])).stdout),
    { items: [{ id: first }] },
  )
  t.match(await kontorCli(['operation', 'list', '--state', 'stuck']), {
    code: 0,
    stdout: 'No operations.\n',
  })
  t.match(
    (await kontorCli(['operation', 'show', first])).stdout,
    new RegExp(
      `state: +parked\\n[^]*upstream instance: +${simulator.state().instances[0]?.instance_id}`,
    ),
  )

  t.match(await kontorCli(['operation', 'abandon', first, ...reason]), {
    code: 0,
    stdout: /state: +failed[^]*Orphans at the provider:\nID +STATE[^]*open +abandoned/,
  })
  t.match(await kontorCli(['operation', 'abandon', first, ...reason]), {
    code: 1,
    stdout: '',
    stderr: 'kontor: The operation is over: it failed.\n',
  })
  t.match(await kontorCli(['operation', 'settle', second, '--outcome', 'succeeded', ...reason]), {
    code: 0,
    stdout: /state: +succeeded/,
  })
  t.match(await kontorCli(['operation', 'settle', third, '--outcome', 'lost', ...reason]), {
    code: 1,
    stderr: /Allowed choices are succeeded, failed/,
  })
  t.match(await kontorCli(['operation', 'retry', third]), {
    code: 1,
    stderr: /required option '--reason <text>'/,
  })
  t.match(await kontorCli(['operation', 'retry', third, ...reason]), {
    code: 0,
    stdout: /state: +compensating/,
  })

  const orphans = await until(
    () => kontorCli(['orphan', 'list', '--cause', 'abandoned', '--state', 'open']),
    ({ stdout }) => /abandoned +nord +\S+ +[1-9]/.test(stdout),
  )
  const [orphan = ''] = /^[0-9a-f-]{36}/m.exec(orphans.stdout) ?? []
  t.match(await kontorCli(['orphan', 'forget', orphan, ...reason]), {
    code: 0,
    stdout: /forgotten +abandoned/,
  })
  t.match(await kontorCli(['orphan', 'remove', orphan, ...reason]), {
    code: 1,
    stderr: 'kontor: The orphan is forgotten.\n',
  })
  const { body } = await admin('GET', '/api/orphans')
  t.match(
    body.items.find(({ id }: { id: string }) => id === orphan),
    { state: 'forgotten' },
  )
})

t.test('one sentence names a missing or wrong setting, and never shows the token', async (t) => {
  const wrong: ReadonlyArray<readonly [environment: Record<string, string>, says: RegExp]> = [
    [{ KONTOR_ADMIN_TOKEN: token }, /^kontor: KONTOR_URL is not set/],
    [{ KONTOR_URL: kontor.url }, /^kontor: Neither KONTOR_TOKEN nor KONTOR_ADMIN_TOKEN is set/],
    [
      { KONTOR_URL: kontor.url, KONTOR_ADMIN_TOKEN: token, KONTOR_TOKEN: 'x.y.z' },
      /^kontor: Send the admin token, a personal token/,
    ],
    [
      { KONTOR_URL: kontor.url, KONTOR_ADMIN_TOKEN: 'x'.repeat(32) },
      /^kontor: Send the admin token/,
    ],
    [
      { KONTOR_URL: 'http://127.0.0.1:9', KONTOR_ADMIN_TOKEN: token },
      /^kontor: Kontor does not answer at/,
    ],
    [
      { KONTOR_URL: `${kontor.url}/elsewhere`, KONTOR_ADMIN_TOKEN: token },
      /^kontor: There is nothing at this address/,
    ],
  ]
  for (const [environment, says] of wrong) {
    const { code, stdout, stderr } = await kontorCli(['operation', 'list'], environment)
    t.match(stderr, says)
    t.match(stderr, /^[^\n]+\n$/)
    t.strictSame([code, stdout, stderr.includes(token)], [1, '', false])
  }
})

t.test('the spellings of 0.1 still work, and name their replacements', async (t) => {
  for (const [former, current] of [
    [['operations'], ['operation']],
    [['orphans'], ['orphan']],
    [['keys'], ['key']],
    [
      ['platform', 'credentials'],
      ['platform', 'credential'],
    ],
  ] as const) {
    const { code, stdout, stderr } = await kontorCli([...former, '--help'])
    t.equal(code, 0)
    t.match(stdout, `Usage: kontor ${current.join(' ')}`)
    t.equal(
      stderr,
      `kontor: "${former.join(' ')}" is now "${current.join(' ')}"; the old spelling goes with 0.3.\n`,
    )
  }
  t.equal((await kontorCli(['operation', '--help'])).stderr, '')
})
