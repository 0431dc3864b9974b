// The README's own commands, as a newcomer pastes them, against the real demo.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { until } from '../support/kontor.ts'

t.setTimeout(110_000)
const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** The shell blocks of one section. */
function blocksOf (readme: string, section: string): string[] {
  const text = readme.split(/^## /m).find((part) => part.startsWith(section)) ?? ''
  return Array.from(text.matchAll(/^```sh\n([\s\S]*?)^```/gm), ([, block]) => block ?? '')
}

// A reader waits until last_operation says so before going on.
const whenChatIsDone = 'while osb $KONTOR/v2/service_instances/chat/last_operation | grep -q "in progress"; do sleep 0.3; done\n'

t.test('the example of the README works as it is written, and nothing is left at the end', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kontor-readme-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const demo = spawn(process.execPath, [join(root, 'bin/kontor.js'), 'demo'], {
    cwd: folder, stdio: 'ignore', env: { PATH: process.env['PATH'], KONTOR_DATA: '.kontor', PORT: '0' }
  })
  t.teardown(async () => {
    demo.kill('SIGTERM')
    if (demo.exitCode === null) await once(demo, 'exit')
  })
  const readDemo = () => readFile(join(folder, '.kontor/demo.json'), 'utf8').then((text) => JSON.parse(text) as { url: string }, () => undefined)
  const file = await until(readDemo, (found) => found !== undefined, 60_000)

  const blocks = blocksOf(await readFile(join(root, 'README.md'), 'utf8'), 'Order something')
  t.equal(blocks.length, 6)
  const [before = '', ...others] = blocks.map((block) => block.replaceAll('http://127.0.0.1:8080', file?.url ?? ''))
  const [order = '', look = '', change = '', store = '', remove = ''] = others
  const script = ['set -eu\n', before, order, whenChatIsDone, look, change, whenChatIsDone, store,
    // the last line asks the data centre what it holds, which takes a moment after the delete
    remove.replace(/^curl -s/m, `${whenChatIsDone}curl -s`)].join('')
  const { stdout } = await run('bash', ['-c', script], { cwd: folder, timeout: 90_000, env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` } })

  const lines = stdout.trim().split('\n').filter((line) => line !== '')
  t.equal(lines[0], '44')
  t.match(lines[1], /^\{"dashboard_url":".+","operation":".+"\}$/, 'the order is under way')
  t.equal(lines[2], '{"state":"succeeded"}')
  t.match(lines[3], /"plan_id":"9eb120f7-0b84-5c1d-bfed-dc8c73a79b87".*"parameters":\{"users":25\}/)
  t.match(lines[4], /"operation":/, 'the change is under way')
  t.match(lines[5], /"dashboard_url":/, 'the storage is there at once')
  t.match(lines[6], /"credentials":\{.*"bucket":/)
  t.equal(lines[7], lines[6], 'a binding is read again as it was made')
  t.strictSame(lines.slice(8, 10), ['{}', '{}'])
  t.match(lines[10], /"operation":/)
  t.equal(lines[11], '[]', `the data centre holds nothing any more:\n${stdout}`)
})
