// What has to be as fast with many rows as with few.
import { lastOperation } from '../../rows/last-operation.ts'
import { bind } from '../../rows/orders.ts'
import { provision } from '../../rows/provision.ts'
import type { Row } from '../../rows/row.ts'
import type { Stage } from '../../stage.ts'
import { ask } from '../../verify.ts'
import type { Target } from '../../load.ts'

/** At most 1.25 times as slow. */
export const wantedRatio = 0.8

const lists = {
  'failed deprovisions': '/api/operations?state=failed&kind=deprovision',
  'parked operations': '/api/operations?state=parked',
  'abandoned orphans': '/api/orphans?cause=abandoned',
  'failed instances': '/api/instances?state=failed',
  'bindings that expire': '/api/bindings?expiresBefore=2001-01-01',
  'audit of a rare action': '/api/audit/events?action=platform.retired',
  'audit of an unknown actor': '/api/audit/events?actor=unknown',
}

/** A GET of both Kontors. @param check  throws when the body is not what it should be */
function read(
  name: string,
  path: string,
  headersOf: (stage: Stage) => Target['headers'],
  check: (body: string) => void,
): Row {
  return {
    name,
    against: 'few rows',
    wanted: wantedRatio,
    async prepare({ kontor, rival, ...stage }) {
      if (rival === undefined) throw new Error('There is no second Kontor.')
      const headers = headersOf({ kontor, rival, ...stage })
      const target = (url: string): Target => ({
        url,
        method: 'GET',
        path: () => path,
        headers,
        status: 200,
      })
      const [ours, theirs] = [target(kontor.url), target(rival.url)]
      return {
        ours: { target: ours, pid: kontor.pid },
        theirs: { target: theirs, pid: rival.pid },
        async verify() {
          for (const side of [ours, theirs]) check((await ask(side)).body)
        },
      }
    },
  }
}

const catalog = read(
  'catalog-200',
  '/v2/catalog',
  ({ headers }) => headers,
  (body) => {
    if (!body.includes('"services"')) throw new Error('It is no catalog.')
  },
)

/** With a filter that matches nothing. */
const list = (name: string, path: string) =>
  read(
    `list: ${name}`,
    path,
    ({ adminToken }) => ({ authorization: `Bearer ${adminToken}` }),
    (body) => {
      if ((JSON.parse(body) as { items: unknown[] }).items.length > 0)
        throw new Error(`${path} found something.`)
    },
  )

export const growthRows: readonly Row[] = [
  catalog,
  lastOperation,
  provision,
  bind,
  ...Object.entries(lists).map(([name, path]) => list(name, path)),
]
