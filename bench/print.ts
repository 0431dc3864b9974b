import type { Environment } from './environment.ts'
import type { BenchOptions } from './options.ts'
import type { Row } from './rows/row.ts'
import type { SideSummary, Summary } from './summary.ts'

export function describeMachine({
  date,
  cores,
  processor,
  kernel,
  node,
  postgres,
  syncMs,
  load,
}: Environment): string {
  return (
    `${date}  ${cores} cores (${processor}), Linux ${kernel}, node ${node}, Postgres ${postgres} ` +
    `with fsync (${syncMs.toFixed(2)} ms a write), load ${load.toFixed(2)} before`
  )
}

export function printEnvironment(
  environment: Environment,
  { rounds, seconds, connections, rival }: BenchOptions,
): void {
  console.log(describeMachine(environment))
  console.log(
    `${rounds} rounds of ${seconds} s a side, alternating, ${connections} connections without ` +
      'pipelining; the ratio is that of the medians.',
  )
  if (rival !== undefined)
    console.log(`Compared with the Kontor of ${rival}, not with the servers that the rows name.`)
}

export function printRow(
  { row, wanted, ratio, cpuRatio, spread, ours, theirs }: Summary,
  { against }: Row,
  hasRival: boolean,
): void {
  const verdict = hasRival
    ? ''
    : `, wanted ${wanted.toFixed(2)}: ${ratio >= wanted ? 'reached' : 'not reached'}`
  console.log(
    `\n${row}  ratio ${ratio.toFixed(2)} (rounds ${rangeOf(spread)}), ` +
      `by CPU time ${cpuRatio?.toFixed(2) ?? 'unknown'}${verdict}`,
  )
  console.log(`  Kontor   ${describeSide(ours)}`)
  console.log(`           ${describeWork(ours)}`)
  console.log(`  other    ${describeSide(theirs)}   ${hasRival ? 'the other Kontor' : against}`)
  console.log(`           ${describeWork(theirs)}`)
  const strangers = Math.max(ours.cpu?.others ?? 0, theirs.cpu?.others ?? 0)
  if (strangers > 0.2)
    console.log(
      `  other programs took ${strangers.toFixed(1)} cores meanwhile: take this row with care`,
    )
}

function describeSide({
  perSecond,
  p50Ms,
  p99Ms,
  cpu,
  serverMicroseconds,
  postgresMicroseconds,
}: SideSummary): string {
  const perSecondShown = Math.round(perSecond).toString().padStart(6)
  const speed = `${perSecondShown}/s  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms`
  if (cpu === undefined) return speed
  const shares = Object.entries(cpu)
    .filter(([, share]) => share >= 0.01)
    .map(([name, share]) => `${name} ${share.toFixed(2)}`)
    .join(' ')
  const [server, database] = [serverMicroseconds ?? 0, postgresMicroseconds ?? 0]
  const cost = `server ${server.toFixed(0)} postgres ${database.toFixed(0)}`
  return `${speed}  cores: ${shares}  µs a request: ${cost}`
}

export function describeWork({
  database: { statements, commits, walBytes },
}: Pick<SideSummary, 'database'>): string {
  return (
    `a request: ${statements.toFixed(1)} statements, ${commits.toFixed(1)} writing commits, ` +
    `${Math.round(walBytes)} bytes of WAL`
  )
}

export function printTable(summaries: readonly Summary[]): void {
  console.log(
    '\n| row | Kontor/s | other/s | ratio | rounds | by CPU time | wanted |\n' +
      '| --- | --- | --- | --- | --- | --- | --- |',
  )
  for (const { row, ours, theirs, ratio, cpuRatio, spread, wanted } of summaries) {
    const cells = [
      row,
      Math.round(ours.perSecond),
      Math.round(theirs.perSecond),
      `**${ratio.toFixed(2)}**`,
      rangeOf(spread),
      cpuRatio?.toFixed(2) ?? '',
      wanted.toFixed(2),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

function rangeOf([least, most]: Summary['spread']): string {
  return `${least.toFixed(2)}..${most.toFixed(2)}`
}
