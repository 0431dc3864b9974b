// node scripts/with-postgres.ts -- command args: runs it with DATABASE_URL set to an empty database
// of its own.
import { runCommand, withTemporaryPostgres } from './temporary-postgres.ts'

const words = process.argv.slice(process.argv[2] === '--' ? 3 : 2)
const [file, ...args] = words
if (file === undefined) {
  console.error('usage: node scripts/with-postgres.ts -- command args')
  process.exitCode = 2
} else {
  process.exitCode = await withTemporaryPostgres((url) =>
    runCommand(file, args, { ...process.env, DATABASE_URL: url }),
  )
}
