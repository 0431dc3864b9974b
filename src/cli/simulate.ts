import { Command, InvalidArgumentError } from 'commander'
import { simulate } from '../../tools/simulator/run.ts'
import type { SimulateOptions } from '../../tools/simulator/run.ts'

export { simulate }

export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'start a provider that speaks OSB 2.17 from a catalog file and misbehaves on demand',
    )
    .requiredOption('--catalog <file>', 'an OSB catalog (JSON or YAML) or the demo catalog')
    .option('--provider <id>', 'which provider of a demo catalog; else only a name to show')
    .option('--port <number>', 'port to listen on; 0 picks a free one', parsePort)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--username <name>', 'ask for this user name')
    .option('--password <secret>', 'ask for this password (better: set KONTOR_SIMULATOR_PASSWORD)')
    .option('--state <file>', 'journal that outlives the process')
    .option(
      '--seconds <number>',
      'let every operation take this long; 0: answer at once',
      parseSeconds,
    )
    .option('--open-inspection', 'let /_simulator be used without credentials')
    .action((options: SimulateOptions) => simulate(options))
}

function parsePort(value: string): number {
  const port = Number(value)
  if (value === '' || !Number.isInteger(port) || port < 0 || port > 65535)
    throw new InvalidArgumentError('It must be a number from 0 to 65535.')
  return port
}

function parseSeconds(value: string): number {
  const seconds = Number(value)
  if (value === '' || !Number.isFinite(seconds) || seconds < 0)
    throw new InvalidArgumentError('It must be a number of seconds, 0 or more.')
  return seconds
}
