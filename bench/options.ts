import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'

export interface BenchOptions {
  /** Names of rows; none means all. */
  readonly rows: readonly string[]
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  /** Of the row `engine`. */
  readonly operations: number
  /** Of the row `growth`, in turn: how many providers there are. Empty: they are not measured. */
  readonly providers: readonly number[]
  /** Of the row `growth`; undefined: it does not measure instances. */
  readonly sizes: Sizes | undefined
  /** Of the row `growth`: where the database of the instances stays for the next run. */
  readonly keep: string
  readonly json: string | undefined
  /** The source tree whose Kontor is measured. */
  readonly kontor: string
  /** Another source tree: its Kontor takes the place of the comparison servers. */
  readonly rival: string | undefined
  /** Where Kontor leaves a CPU profile. */
  readonly profile: string | undefined
}

/** What is compared: few and many. */
export interface Sizes {
  readonly instances: readonly [number, number]
  readonly platforms: readonly [number, number]
}

export const usage = `usage: npm run bench -- [options] [row...]
  --rounds N         rounds of each row, each one measurement of either side (7)
  --seconds N        length of one measurement (2)
  --connections N    connections of the load generator (16)
  --operations N     of the row "engine", all in flight at once (10000)
  --providers N,...  of the row "growth", with 1 and 100 views each (10,1000)
  --instances N,M    of the row "growth": few and many (1000,1000000)
  --platforms N,M    of the row "growth", with the few and the many instances (10,1000)
                     "growth" measures only what these options name, without them all of it
  --keep FOLDER      where the instances of "growth" stay (/var/tmp/kontor-bench-growth, 7 GB)
  --json FILE        write all figures to FILE
  --kontor FOLDER    measure the Kontor of another source tree
  --rival FOLDER     compare with the Kontor of another source tree, not with the bare servers
  --profile FOLDER   Kontor leaves a CPU profile there; the ratios then mean nothing`

/** @throws TypeError that says which option is wrong */
export function readOptions(args: readonly string[]): BenchOptions {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: text,
      seconds: text,
      connections: text,
      operations: text,
      providers: text,
      instances: text,
      platforms: text,
      keep: text,
      json: text,
      kontor: text,
      rival: text,
      profile: text,
    },
  })
  return {
    rows: positionals,
    rounds: readNumber('rounds', values.rounds ?? '7', 1, 100),
    seconds: readNumber('seconds', values.seconds ?? '2', 0.5, 60),
    connections: readNumber('connections', values.connections ?? '16', 1, 256),
    operations: readNumber('operations', values.operations ?? '10000', 1, 100_000),
    ...readGrowth(values),
    keep: values.keep ?? '/var/tmp/kontor-bench-growth',
    json: values.json,
    kontor: values.kontor ?? fileURLToPath(new URL('..', import.meta.url)),
    rival: values.rival,
    profile: values.profile,
  }
}

function readGrowth({
  providers,
  instances,
  platforms,
}: {
  readonly providers?: string | undefined
  readonly instances?: string | undefined
  readonly platforms?: string | undefined
}): Pick<BenchOptions, 'providers' | 'sizes'> {
  const isOfInstances = instances !== undefined || platforms !== undefined
  return {
    providers:
      isOfInstances && providers === undefined
        ? []
        : (providers ?? '10,1000')
            .split(',')
            .map((number) => readNumber('providers', number, 2, 5_000)),
    sizes:
      providers !== undefined && !isOfInstances
        ? undefined
        : {
            instances: readPair('instances', instances ?? '1000,1000000', 5_000_000),
            platforms: readPair('platforms', platforms ?? '10,1000', 10_000),
          },
  }
}

function readPair(name: string, text: string, most: number): readonly [number, number] {
  const [few, many, ...others] = text.split(',').map((each) => readNumber(name, each, 1, most))
  if (few === undefined || many === undefined || others.length > 0)
    throw new TypeError(`--${name} must be two numbers.`)
  return [few, many]
}

function readNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (text === '' || !(number >= least && number <= most))
    throw new TypeError(`--${name} must be a number from ${least} to ${most}.`)
  return number
}
