import type { Target } from '../load.ts'
import { ask, assertAlike } from '../verify.ts'
import { newOrder } from './order.ts'
import type { Row } from './row.ts'

export const lastOperation: Row = {
  name: 'last-operation',
  against: 'node:http + pg, one prepared SELECT by primary key',
  wanted: 0.75,
  async prepare(stage) {
    const order = await newOrder(stage)
    const path = order.path()
    await ask({ ...order.target(stage.kontor.url), path: () => path })
    if (stage.rival !== undefined) await ask({ ...order.target(stage.rival.url), path: () => path })
    const instanceId = path.split('/')[3]?.split('?')[0] ?? ''
    const [row] = await stage.query('select id from operations where instance_id = $1', [
      instanceId,
    ])
    const target = (url: string): Target => ({
      url,
      method: 'GET',
      // Two Kontors give the operation two ids, so both are asked for the newest one.
      path: () =>
        stage.rival === undefined
          ? `/v2/service_instances/${instanceId}/last_operation?operation=${String(row?.['id'])}`
          : `/v2/service_instances/${instanceId}/last_operation`,
      headers: stage.headers,
      status: 200,
    })
    const other =
      stage.rival ??
      (await stage.serve('last-operation', {
        databaseUrl: stage.databaseUrl,
        connections: stage.connections,
      }))
    const [ours, theirs] = [target(stage.kontor.url), target(other.url)]
    return {
      ours: { target: ours, pid: stage.kontor.pid },
      theirs: { target: theirs, pid: other.pid },
      verify: () => assertAlike(ours, theirs),
    }
  },
}
