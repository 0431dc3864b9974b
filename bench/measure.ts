import { workPerRequest, type CountWork, type DatabaseWork } from './database-work.ts'
import { watchCpu, type CpuShares, type Watched } from './cpu.ts'
import { applyLoad, type Load, type Target } from './load.ts'

export interface Side {
  readonly target: Target
  /** Of the server, or of each of its processes. */
  readonly pid: number | readonly number[]
  /** Makes what the load will use up; not measured. */
  fill?(seconds: number): Promise<void>
}

export interface Pair {
  readonly ours: Side
  readonly theirs: Side
  /** Throws when an answer is wrong; called before and after the rounds. */
  verify(): Promise<void>
}

export interface Measured extends Load {
  readonly cpu: CpuShares | undefined
  /** Of one request. */
  readonly database: DatabaseWork
}

export interface Round {
  readonly ours: Measured
  readonly theirs: Measured
}

export interface Pace {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  /** How many requests each side gets before its first round. */
  readonly warmRequests?: number
}

/** The Postgres that both sides use. */
export interface Database {
  readonly countWork: CountWork
  analyze(): Promise<void>
}

// V8 compiles what has run a few thousand times, and a server that is measured cold seems half as
// fast as it is.
const warmUp = { requests: 8_000, stepSeconds: 1.5, maxSteps: 6 }

/** Alternating rounds: what slows the machine for a while slows both sides. */
export async function measurePair(
  pair: Pair,
  pace: Pace,
  watched: Omit<Watched, 'server'>,
  { countWork, analyze }: Database,
): Promise<Round[]> {
  await pair.verify()
  for (const side of [pair.ours, pair.theirs]) await warm(side, pace)
  await analyze()
  const measure = async ({ target, pid, fill }: Side): Promise<Measured> => {
    await fill?.(pace.seconds)
    const before = await countWork()
    const readCpu = watchCpu({ ...watched, server: pid })
    const load = await applyLoad(target, pace.connections, pace.seconds)
    const cpu = readCpu()
    return { ...load, cpu, database: workPerRequest(before, await countWork(), load.requests) }
  }
  const rounds: Round[] = []
  for (let round = 0; round < pace.rounds; round++) {
    const ours = await measure(pair.ours)
    rounds.push({ ours, theirs: await measure(pair.theirs) })
  }
  await pair.verify()
  return rounds
}

async function warm(
  { target, fill }: Side,
  { connections, warmRequests = warmUp.requests }: Pace,
): Promise<void> {
  let requests = 0
  for (let step = 0; step < warmUp.maxSteps && requests < warmRequests; step++) {
    await fill?.(warmUp.stepSeconds)
    requests += (await applyLoad(target, connections, warmUp.stepSeconds)).requests
  }
}
