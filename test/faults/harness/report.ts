// The history of each violation: the platform's requests and answers, Kontor's rows, the provider's
// journal and the brokers' logs.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { violations as kinds, type Judgement, type Violation } from './judge.ts'
import type { World } from './world.ts'

const maxChapters = 20

/** @returns the path of the file */
export async function writeReport(
  world: World,
  { violations, drifted }: Judgement,
): Promise<string> {
  const [logs, journals] = await Promise.all([
    readLines(world.brokers.map(({ logFile }) => logFile)),
    readLines(world.providers.map(({ journalFile }) => journalFile)),
  ])
  const chapters: string[] = [
    `${violations.length} violations`,
    ...violations.map(headline),
    ...drifted.map((each) => `drifted: ${each}`),
  ]
  // One chapter for each lifecycle, the gravest first.
  const shown = violations
    .toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind))
    .filter(
      ({ lifecycle }, at, all) =>
        lifecycle === undefined || all.findIndex((other) => other.lifecycle === lifecycle) === at,
    )
  for (const violation of shown.slice(0, maxChapters))
    chapters.push(await historyOf(world, violation, logs, journals))
  const file = join(world.folder, 'report.txt')
  await writeFile(file, chapters.join('\n'))
  return file
}

const headline = ({ kind, what, lifecycle, ids }: Violation) =>
  `${kind}: ${lifecycle === undefined ? '' : `${lifecycle.id} at ${lifecycle.offer.provider.name}: `}${what} [${ids.join(' ')}]`

async function historyOf(
  world: World,
  violation: Violation,
  logs: readonly string[],
  journals: readonly string[],
): Promise<string> {
  const { lifecycle } = violation
  const rows = await rowsOf(world, lifecycle?.id ?? '', violation.ids)
  const ids = new Set([...violation.ids, ...rows.ids])
  const names = (line: string) => [...ids].some((id) => line.includes(id))
  return [
    `\n=== ${headline(violation)}`,
    `--- reported: ${lifecycle === undefined ? '' : JSON.stringify({ ...lifecycle.reported, bindings: [...lifecycle.reported.bindings] })}`,
    '--- requests',
    ...(lifecycle?.history ?? []).map(
      ({ atMs, tookMs, broker, asked, status, text }) =>
        `${new Date(atMs).toISOString()} ${broker} ${asked} -> ${status} after ${tookMs} ms: ${text}`,
    ),
    '--- rows',
    ...rows.lines,
    '--- journal',
    ...journals.filter(names),
    '--- log',
    ...logs.filter(names),
  ].join('\n')
}

async function rowsOf(
  { database }: World,
  instanceId: string,
  ids: readonly string[],
): Promise<{ lines: string[]; ids: string[] }> {
  interface Row {
    readonly row: Readonly<Record<string, unknown>>
  }
  const strip =
    "to_jsonb(r) - 'parameters' - 'parameters_digest' - 'request' - 'request_digest' - 'result' - 'change' as row"
  const [instances, operations] = await Promise.all([
    database.read<Row>(
      `select ${strip} from instances r where instance_id = $1 or upstream_id = any($2) order by created_at`,
      [instanceId, ids],
    ),
    database.read<Row>(
      `select ${strip} from operations r where instance_id = $1 or id::text = any($2) order by created_at`,
      [instanceId, ids],
    ),
  ])
  const keys = instances.map(({ row }) => row['id'])
  const bindings = await database.read<Row>(
    `select ${strip} from bindings r where instance_key = any($1::uuid[]) order by created_at`,
    [keys],
  )
  const orphans = await database.read<Row>(
    'select to_jsonb(r) as row from orphans r where operation_id = any($1::uuid[])',
    [operations.map(({ row }) => row['id'])],
  )
  const all = [...instances, ...operations, ...bindings, ...orphans]
  return {
    lines: all.map(({ row }) => JSON.stringify(row)),
    ids: all
      .flatMap(({ row }) => [row['id'], row['upstream_id']])
      .filter((id) => typeof id === 'string'),
  }
}

async function readLines(files: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
  return texts.flatMap((text) => text.split('\n'))
}
