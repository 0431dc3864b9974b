// Random requests to every route of openapi.yaml. No provider fails here, so no response may be
// 5xx, and none may have a status that openapi.yaml does not name for its route.
// KONTOR_FUZZ_REQUESTS=20000 KONTOR_FUZZ_SEED=1   (npm run fuzz -- --requests 20000 --seed 1)
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import t from 'tap'
import { parse } from 'yaml'
import { basicAuth } from '../support/basic-auth.ts'
import { startKontor } from '../support/kontor.ts'
import { catalogOf } from '../support/catalogs.ts'
import { Generator, operationsOf, type Document, type FuzzRequest } from './fuzz-requests.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'

const requests = Number(process.env['KONTOR_FUZZ_REQUESTS'] ?? 1_000)
const seed = Number(process.env['KONTOR_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const atOnce = 8

t.setTimeout(60_000 + requests * 100)

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

const keptAlive = new http.Agent({ keepAlive: true, maxSockets: atOnce })

// node:http sends what other clients refuse to send: odd headers, a body with GET, unusual paths.
function send(
  base: URL,
  { method, target, headers, body }: FuzzRequest,
  agent: http.Agent | false,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = http.request(
      {
        agent,
        host: base.hostname,
        port: base.port,
        method,
        path: target,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-length': body.length }) },
      },
      (reply) => {
        const parts: Buffer[] = []
        reply.on('data', (part: Buffer) => {
          parts.push(part)
        })
        reply.once('end', () => {
          resolve({
            status: reply.statusCode ?? 0,
            type: reply.headers['content-type'] ?? '',
            text: Buffer.concat(parts).toString(),
          })
        })
        reply.once('error', reject)
      },
    )
    asked.once('error', reject)
    asked.end(body)
  })
}

t.test(
  `${requests} odd requests, seed ${seed}: no server error, and no status that openapi.yaml ` +
    'does not name',
  async (t) => {
    const document = parse(
      await readFile(new URL('../../openapi.yaml', import.meta.url), 'utf8'),
    ) as Document
    const kontor = await startKontor(t, { environment: { KONTOR_DATABASE_CONNECTIONS: '16' } })
    const north = await kontor.addProvider('north', { concurrency: 200 })
    const slow = await kontor.addProvider('slow', {
      concurrency: 200,
      catalog: catalogOf('slow'),
      behaviours: {
        '*': { mode: 'async', asyncBinding: true, operationStyle: 'odd', dashboard: true },
      },
    })
    // Requests to the management API change this one only, so that the others stay usable.
    const victim = await kontor.addProvider('victim')
    const ids = await Promise.all([
      kontor.find('north', 'db', 'small'),
      kontor.find('north', 'db', 'large'),
      kontor.find('north', 'app'),
      kontor.find('slow', 'db', 'small'),
      kontor.find('slow', 'db', 'large'),
    ])
    const serviceIds = ids.map((each) => each.service_id)
    const instanceIds = Array.from({ length: 12 }, (_each, at) => `fuzz-${at}`)
    const tokens: string[] = ['01a206eb-b64a-7d45-bafd-00fd54984b68']
    const pool = {
      instance_id: instanceIds,
      binding_id: ['b-1', 'b-2', 'b-3', 'ä/ö %'],
      predecessor_binding_id: ['b-1', 'b-2'],
      service_id: [...serviceIds, ids[0]?.service_id, 'unknown'],
      plan_id: [...ids.map((each) => each.plan_id), ids[0]?.plan_id, 'unknown'],
      operation: tokens,
      id: [victim.view.id, '01a206eb-b64a-7d45-bafd-00fd54984b68', 'none'],
      name: ['fuzzed', 'fuzzed-too', 'victim', 'North'],
      url: [victim.simulator.url, 'http://127.0.0.1:1/', 'ftp://x', 'http://', 'http://[::1'],
      timeoutSeconds: [1],
      catalogTimeoutSeconds: [1],
      backend: ['osb'],
    }
    const generator = new Generator(seed, document, pool, ids)
    const platform = { authorization: await platformHeader(), 'x-broker-api-version': '2.17' }
    const admin = { authorization: `Bearer ${kontor.environment['KONTOR_ADMIN_TOKEN']}` }
    const below = (prefix: string) => operationsOf(document, (path) => path.startsWith(prefix))
    const groups = [
      ...Array.from({ length: 16 }, () => ({ operations: below('/v2'), headers: platform })),
      { operations: below('/api'), headers: admin },
      {
        operations: operationsOf(document, (path) => /^\/(healthz|readyz|metrics)$/.test(path)),
        headers: {},
      },
    ]
    const base = new URL(kontor.url)

    async function platformHeader(): Promise<string> {
      const { username, password } = await createPlatform(
        kontor.running.runtime,
        commandLineCaller('test'),
        'fuzz',
      )
      await kontor.running.runtime.refresh()
      return basicAuth(username, password)
    }

    let sent = 0
    let serverErrors = 0
    let undocumented = 0
    const seen = new Map<string, number>()
    const tell = (what: string, each: FuzzRequest, answer: Answer | Error) => {
      if (serverErrors + undocumented > 20) return
      const shown =
        answer instanceof Error ? String(answer) : `${answer.status} ${answer.text.slice(0, 300)}`
      t.comment(
        `${what}: ${each.method} ${each.target.slice(0, 150)} ` +
          `${JSON.stringify(each.headers).slice(0, 600)} ` +
          `${each.body?.toString().slice(0, 300) ?? ''}\n  -> ${shown}`,
      )
    }
    const work = async (): Promise<void> => {
      while (sent < requests) {
        const group = groups[sent++ % groups.length]
        if (group === undefined) return
        const each = generator.request(group.operations, group.headers)
        // The server may close a kept connection just when the test reuses it; the second try opens
        // a new one.
        const answer = await send(base, each, keptAlive)
          .catch(() => send(base, each, false))
          .catch((error: Error) => error)
        if (answer instanceof Error) {
          // The server refuses a body that is too large before the client has sent all of it.
          if (each.body !== undefined && each.body.length > 1_048_576) continue
          serverErrors++
          tell('no answer', each, answer)
          continue
        }
        seen.set(
          `${each.operation.method} ${each.operation.path} ${answer.status}`,
          (seen.get(`${each.operation.method} ${each.operation.path} ${answer.status}`) ?? 0) + 1,
        )
        const [, token] = /"operation":"([0-9a-f-]{36})"/.exec(answer.text) ?? []
        if (token !== undefined && tokens.length < 50) tokens.push(token)
        // A path with more or fewer segments belongs to another route or to none.
        const isElsewhere = !new RegExp(
          `^${each.operation.path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`,
        ).test(each.target.split('?')[0] ?? '')
        if (answer.status >= 500) {
          serverErrors++
          tell('server error', each, answer)
        } else if (!isElsewhere && !each.operation.statuses.has(String(answer.status))) {
          undocumented++
          tell('undocumented', each, answer)
        } else if (
          answer.status >= 400 &&
          each.target.startsWith('/v2') &&
          !/^\{.*"description":"[^"]/.test(answer.text)
        ) {
          undocumented++
          tell('an error without a sentence', each, answer)
        }
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    keptAlive.destroy()
    if (process.env['KONTOR_FUZZ_TELL'] !== undefined) {
      for (const line of [...seen].map(([what, times]) => `${what}: ${times}`).toSorted())
        t.comment(line)
    }

    t.equal(serverErrors, 0, 'no server error')
    t.equal(undocumented, 0, 'no undocumented answer')
    t.ok(
      new Set([...seen.keys()].map((key) => key.split(' ').at(-1))).size >= 10,
      'the requests reached far enough to get many different responses',
    )
    t.strictSame(
      [north, slow].flatMap(({ simulator }) => simulator.state().duplicates),
      [],
      'nothing was created twice',
    )
    t.equal((await kontor.call('GET', '/v2/catalog')).status, 200)
    t.comment(`${sent} requests, ${serverErrors} server errors, ${undocumented} undocumented`)
  },
)
