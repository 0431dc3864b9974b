// What does it cost that not everybody may see and do everything? Kontor beside itself with access
// control taken out.
import { setTimeout as delay } from 'node:timers/promises'
import type { Server } from '../children.ts'
import type { Target } from '../load.ts'
import type { Stage } from '../stage.ts'
import { ask, assertAlike } from '../verify.ts'
import { newOrder } from './order.ts'
import type { Row } from './row.ts'

const against = 'the same Kontor, letting everybody in as one platform, without rules'
// Authentication and visibility may add a tenth.
const wanted = 0.9

/** The three rows, on a stage with 1,000 organisations, 300 platforms and 200 rules. */
export function accessRows(): readonly Row[] {
  let opened: Promise<Server> | undefined
  const open = (stage: Stage): Promise<Server> =>
    (opened ??= populate(stage).then(() => stage.openKontor()))
  const row = (
    name: string,
    targetOf: (stage: Stage) => Promise<(url: string) => Target>,
  ): Row => ({
    name,
    against,
    wanted,
    async prepare(stage) {
      const other = await open(stage)
      const target = await targetOf(stage)
      const [ours, theirs] = [target(stage.kontor.url), target(other.url)]
      return {
        ours: { target: ours, pid: stage.kontor.pid },
        theirs: { target: theirs, pid: other.pid },
        verify: () => assertAlike(ours, theirs),
      }
    },
  })
  return [
    row(
      'access-catalog-200',
      async ({ headers }) =>
        (url) =>
          catalog(url, headers, 200),
    ),
    row('access-catalog-304', async ({ headers, kontor }) => {
      const {
        headers: { etag },
      } = await ask(catalog(kontor.url, headers, 200))
      return (url) => catalog(url, { ...headers, 'if-none-match': String(etag) }, 304)
    }),
    row('access-last-operation', lastOperation),
  ]
}

function catalog(url: string, headers: Target['headers'], status: number): Target {
  return { url, method: 'GET', path: () => '/v2/catalog', headers, status }
}

async function lastOperation(stage: Stage): Promise<(url: string) => Target> {
  const order = await newOrder(stage)
  const path = order.path()
  await ask({ ...order.target(stage.kontor.url), path: () => path })
  const instanceId = path.split('/')[3]?.split('?')[0] ?? ''
  const [row] = await stage.query('select id from operations where instance_id = $1', [instanceId])
  return (url) => ({
    url,
    method: 'GET',
    path: () =>
      `/v2/service_instances/${instanceId}/last_operation?operation=${String(row?.['id'])}`,
    headers: stage.headers,
    status: 200,
  })
}

// A tree of three floors; every tenth organisation has three platforms. Each offering is opened to
// the organisation of the platform that asks, so that it sees all of them; the other rules name
// others.
const statements = [
  `insert into organisations (id, name, display_name, level, parent_id, created_at, updated_at)
    select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'bench-' || n,
      'Bench ' || n, (array['bund', 'land', 'kommune'])[n % 3 + 1],
      case when n >= 10 then ('00000000-0000-4000-8000-' || lpad((n / 10)::text, 12, '0'))::uuid
        end, now(), now()
    from generate_series(1, 1000) n`,
  `insert into platforms (id, name, organisation_id, created_at, updated_at)
    select gen_random_uuid(), 'bench-' || n,
      ('00000000-0000-4000-8000-' || lpad((n * 3)::text, 12, '0'))::uuid, now(), now()
    from generate_series(1, 300) n`,
  `insert into platform_credentials (id, platform_id, username, password_digest, created_at)
    select gen_random_uuid(), id, 'user-of-' || name, decode(repeat('00', 32), 'hex'), now()
    from platforms where name like 'bench-%'`,
  `update platforms set organisation_id = '00000000-0000-4000-8000-000000000111'
    where name = 'bench'`,
  `insert into visibility_rules (id, effect, organisation_id, offering_id, label_name, label_value,
      reason, created_at, updated_at)
    select gen_random_uuid(), case when n > 150 then 'deny' else 'allow' end,
      case when n <= 50 then '00000000-0000-4000-8000-000000000001'
        else ('00000000-0000-4000-8000-' || lpad((n + 300)::text, 12, '0')) end::uuid,
      (array(select id from offerings order by id))[n % (select count(*) from offerings) + 1],
      case when n % 4 = 0 and n > 50 then 'dvc.eligibleLevels' end,
      case when n % 4 = 0 and n > 50 then 'kommune' end, 'Only for some.', now(), now()
    from generate_series(1, 200) n`,
  `update catalog_revision set revision = revision + 1,
    changed_at = greatest(now(), changed_at + interval '2 seconds')`,
]

async function populate(stage: Stage): Promise<void> {
  const look = async () =>
    (await ask(catalog(stage.kontor.url, stage.headers, 200))).headers['last-modified']
  const before = await look()
  for (const statement of statements) await stage.query(statement)
  // Rows that SQL wrote count only when Kontor has sealed them; it reads its caches anew then.
  const status = await stage.runKontor(['key', 'status'])
  for (const table of ['organisations', 'platform_credentials', 'platforms', 'visibility_rules']) {
    // An earlier revision shows none and takes none.
    const digest = new RegExp(`^${table} .* ([0-9a-f]{64})$`, 'm').exec(status)?.[1]
    const seen = digest === undefined ? [] : ['--digest', digest]
    await stage.runKontor(['key', 'reseal', table, ...seen, '--reason', 'bench'])
  }
  for (let retries = 0; retries < 200; retries++) {
    if ((await look()) !== before) return
    await delay(50)
  }
  throw new Error('Kontor does not hear of the rules.')
}
