import type { Target } from '../load.ts'
import type { Stage } from '../stage.ts'
import { ask, assertAlike } from '../verify.ts'
import type { Row } from './row.ts'

export const catalog200: Row = {
  name: 'catalog-200',
  against: 'bare node:http, the same bytes',
  wanted: 0.8,
  prepare: (stage) => prepare(stage, stage.headers, 200),
}

export const catalog304: Row = {
  name: 'catalog-304',
  against: 'bare node:http, the same headers',
  wanted: 0.8,
  async prepare(stage) {
    const { headers } = await ask(targetOf(stage.kontor.url, stage.headers, 200))
    return prepare(stage, { ...stage.headers, 'if-none-match': String(headers['etag']) }, 304)
  },
}

function targetOf(url: string, headers: Target['headers'], status: number): Target {
  return { url, method: 'GET', path: () => '/v2/catalog', headers, status }
}

async function prepare(
  stage: Stage,
  headers: Target['headers'],
  status: number,
): ReturnType<Row['prepare']> {
  const ours = targetOf(stage.kontor.url, headers, status)
  const other =
    stage.rival ?? (await stage.serve('repeat', { url: `${stage.kontor.url}/v2/catalog`, headers }))
  const theirs = targetOf(other.url, headers, status)
  return {
    ours: { target: ours, pid: stage.kontor.pid },
    theirs: { target: theirs, pid: other.pid },
    verify: () => assertAlike(ours, theirs),
  }
}
