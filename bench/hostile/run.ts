// npm run bench -- hostile: how long a tenant waits for last_operation while a provider attacks
// with its catalog.
import { writeFile } from 'node:fs/promises'
import { request } from 'undici'
import { describeEnvironment } from '../environment.ts'
import { applyLoad, type Target } from '../load.ts'
import type { BenchOptions } from '../options.ts'
import { describeMachine } from '../print.ts'
import { lastOperation } from '../rows/last-operation.ts'
import { attacks } from '../servers/hostile.ts'
import { openStage, type Stage } from '../stage.ts'
import { median } from '../summary.ts'

interface Phase {
  readonly name: string
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly loopP99Ms: number
  /** How many times the catalog was read meanwhile. */
  readonly readings: number
}

// A tenant that polls; more connections would measure how two cores are shared.
const connections = 2
const wanted = { ratio: 3, loopP99Ms: 50 }

export async function runHostile(options: BenchOptions): Promise<void> {
  const stage = await openStage(options, ['--max-old-space-size=512'])
  const interrupt = () => {
    void stage.close().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const environment = await describeEnvironment(stage)
    console.log(describeMachine(environment))
    const { ours } = await lastOperation.prepare(stage)
    await applyLoad(ours.target, connections, 4)
    const { url } = await stage.serve('hostile', {})
    const phases: Phase[] = []
    for (const [at, { name }] of attacks.entries()) {
      const provider = await register(stage, `hostile-${at}`, `${url}/${at}`)
      const rounds: Phase[] = []
      for (let round = 0; round < options.rounds; round++) {
        rounds.push(await measure(stage, 'quiet', ours.target, options.seconds))
        rounds.push(await measure(stage, name, ours.target, options.seconds, provider))
      }
      phases.push(medianOf(rounds.filter((phase) => phase.name === 'quiet')))
      phases.push(medianOf(rounds.filter((phase) => phase.name === name)))
    }
    print(phases)
    if (options.json !== undefined)
      await writeFile(options.json, `${JSON.stringify({ environment, phases }, null, 2)}\n`)
  } finally {
    await stage.close()
  }
}

/** @returns its path in the management API */
async function register(stage: Stage, name: string, url: string): Promise<string> {
  const body = {
    name,
    backend: 'osb',
    settings: { url },
    credentials: { none: true },
    refreshSeconds: 86_400,
  }
  const { id } = (await call(stage, 'POST', '/api/providers', body)) as { readonly id: string }
  return `/api/providers/${id}`
}

/** @param provider  whose catalog is read again and again meanwhile */
async function measure(
  stage: Stage,
  name: string,
  target: Target,
  seconds: number,
  provider?: string,
): Promise<Phase> {
  // Each reading of the metric begins a new measurement.
  await loopP99Ms(stage)
  let isOver = false
  let readings = 0
  const attack = async (): Promise<void> => {
    for (; provider !== undefined && !isOver; readings++)
      await call(stage, 'POST', `${provider}/refresh`)
  }
  const attacking = attack()
  const load = await applyLoad(target, connections, seconds).finally(() => {
    isOver = true
  })
  await attacking
  const { perSecond, p50Ms, p99Ms } = load
  return { name, perSecond, p50Ms, p99Ms, loopP99Ms: await loopP99Ms(stage), readings }
}

async function loopP99Ms(stage: Stage): Promise<number> {
  const text = (await call(stage, 'GET', '/metrics')) as string
  const figure = /^kontor_nodejs_eventloop_lag_p99_seconds(?:\{.*\})? (\S+)$/m.exec(text)?.[1]
  return Number(figure) * 1_000
}

async function call(stage: Stage, method: string, path: string, body?: object): Promise<unknown> {
  const reply = await request(`${stage.kontor.url}${path}`, {
    method: method as 'GET',
    headers: {
      authorization: `Bearer ${stage.adminToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await reply.body.text()
  if (reply.statusCode >= 300) throw new Error(`${path}: ${text.slice(0, 500)}`)
  return text.startsWith('{') ? (JSON.parse(text) as unknown) : text
}

function medianOf(phases: readonly Phase[]): Phase {
  const of = (pick: (phase: Phase) => number) => median(phases.map(pick))
  return {
    name: phases[0]?.name ?? '',
    perSecond: of(({ perSecond }) => perSecond),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    loopP99Ms: of((phase) => phase.loopP99Ms),
    readings: of(({ readings }) => readings),
  }
}

function print(phases: readonly Phase[]): void {
  console.log(
    '\n| last_operation of another tenant, meanwhile | a second | p50 ms | p99 ms | ' +
      'p99 by quiet | event loop p99 ms | readings |\n| --- | --- | --- | --- | --- | --- | --- |',
  )
  let quiet: Phase | undefined
  for (const phase of phases) {
    if (phase.name === 'quiet') quiet = phase
    const ratio = phase === quiet ? '' : (phase.p99Ms / (quiet?.p99Ms ?? NaN)).toFixed(1)
    const { name, perSecond, p50Ms, p99Ms, readings } = phase
    const times = `${p50Ms.toFixed(1)} | ${p99Ms.toFixed(1)} | ${ratio}`
    const loop = phase.loopP99Ms.toFixed(0)
    console.log(`| ${name} | ${Math.round(perSecond)} | ${times} | ${loop} | ${readings} |`)
  }
  console.log(
    `\nWanted: at most ${wanted.ratio} times the quiet p99, ` +
      `and ${wanted.loopP99Ms} ms of the event loop.`,
  )
}
