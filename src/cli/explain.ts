import { BrokerError } from '../errors.ts'

const lateText = 'The database at DATABASE_URL does not answer in time.'
const closedText = 'The server at DATABASE_URL closed the connection. Is it Postgres?'

/** An error as a sentence for the person at the terminal. Never shows a password. */
export function explain(error: unknown): string {
  if (error instanceof BrokerError) return error.message
  // Node tries each address of a name; report the first failure.
  if (error instanceof AggregateError && error.errors.length > 0) return explain(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  // The fields of errors of Node and Postgres.
  const { code, port, address } = error as Error & {
    code?: string
    port?: number
    address?: string
  }
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use. Set PORT to another one, or to 0 for any that is free.`
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${address}. Set HOST to one it has.`
    case 'EACCES':
      return port === undefined
        ? error.message
        : `Listening on port ${port} is not allowed. Set PORT to another one.`
    case 'ECONNREFUSED':
      return `No database answers at DATABASE_URL (${address}:${port} refuses connections).`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host in DATABASE_URL cannot be found: ${error.message}.`
    case '28P01':
    case '28000':
      return `The database at DATABASE_URL does not accept the user or password: ${error.message}.`
    case '3D000':
      return `The database named in DATABASE_URL does not exist: ${error.message}.`
    case 'ECONNRESET':
      return closedText
    case 'ETIMEDOUT':
      return lateText
    // Errors of the driver itself have no code.
    default:
      return /timeout expired|connect.*timeout|timeout.*connect/i.test(error.message)
        ? lateText
        : error.message === 'Connection terminated unexpectedly'
          ? closedText
          : error.message
  }
}
