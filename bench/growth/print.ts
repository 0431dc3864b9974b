import type { Spread } from './probe.ts'
import type { GrowthResult, Phase } from './run.ts'

export function printGrowth({
  providers,
  offerings,
  registering,
  refreshing,
  phases,
}: GrowthResult): void {
  const { seconds, mainThreadSeconds } = registering
  console.log(
    `\ngrowth  ${providers} providers with ${offerings} offerings, registered in ` +
      `${seconds.toFixed(1)} s (main thread ${mainThreadSeconds.toFixed(1)} s, ` +
      'wanted for 1,000: < 60 s)\n',
  )
  console.log(
    `refresh of ${providers} providers without a change: ${refreshing.seconds.toFixed(1)} s; ` +
      `processor time of Kontor ${refreshing.kontorSeconds.toFixed(1)} s, of it in the main ` +
      `thread ${refreshing.mainThreadSeconds.toFixed(1)} s, of Postgres ` +
      `${refreshing.postgresSeconds.toFixed(1)} s\n`,
  )
  console.log('| measured | wanted |', phases.map(({ views }) => `views: ${views} |`).join(' '))
  console.log('| --- | --- |', phases.map(() => '--- |').join(' '))
  const row = (name: string, wanted: string, value: (phase: Phase) => string) => {
    console.log(`| ${name} | ${wanted} |`, phases.map((phase) => `${value(phase)} |`).join(' '))
  }
  row(
    'bytes of the catalog, compressed',
    '',
    ({ catalogBytes }) => `${(catalogBytes / 1e6).toFixed(1)} MB`,
  )
  row(
    'first GET of all views',
    '',
    ({ firstGets }) =>
      `${firstGets.seconds.toFixed(1)} s, main thread ${firstGets.mainThreadSeconds.toFixed(1)} s`,
  )
  row('main thread, a change', '< 50 ms', ({ changeMs }) => `${changeMs.toFixed(0)} ms`)
  row('and a 304 after it', '', ({ conditionalGetMs }) => `${conditionalGetMs.toFixed(0)} ms`)
  row('or the whole catalog', '', ({ wholeGetMs }) => `${wholeGetMs.toFixed(0)} ms`)
  row('GET of the catalog during changes', '', ({ catalog }) => describe(catalog))
  row('last_operation during changes', '', ({ lastOperation }) => describe(lastOperation))
  row('last_operation when quiet', '', ({ lastOperationWhenQuiet: quiet }) => describe(quiet))
  row('resident', '< 600 MB', ({ residentMegabytes: size }) => `${size.toFixed(0)} MB`)
}

function describe({ p50, p99, most }: Spread): string {
  return `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, most ${most.toFixed(1)} ms`
}
