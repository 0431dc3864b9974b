// What Postgres was asked to do meanwhile, with what Kontor's own timers ask of it.
import pg from 'pg'
import type { Query } from './base-stage.ts'

export interface DatabaseWork {
  /** Statements, begin and commit too: each is a round trip, as nothing is pipelined. */
  readonly statements: number
  /** Transactions that wrote something: each waits for the disk. */
  readonly commits: number
  readonly walBytes: number
}

export type CountWork = () => Promise<DatabaseWork>

/** Of a Postgres that is to be counted. */
export const countingSettings = { shared_preload_libraries: 'pg_stat_statements' }

/** Since the server was started. The server needs `countingSettings`. */
export async function openCount(query: Query): Promise<CountWork> {
  await query('create extension if not exists pg_stat_statements')
  return async () => {
    // Each writing transaction takes one id.
    const [row] = await query(`
      select (select sum(calls) from pg_stat_statements where toplevel)::float8 as statements,
        pg_snapshot_xmax(pg_current_snapshot())::text::float8 as commits,
        (pg_current_wal_insert_lsn() - '0/0')::float8 as wal`)
    return {
      statements: Number(row?.['statements']),
      commits: Number(row?.['commits']),
      walBytes: Number(row?.['wal']),
    }
  }
}

/**
 * Counts the rows of all tables for the planner, which a Postgres does by itself within a minute.
 * Until then it takes any index that fits a condition of a query for as good as the right one, and
 * a connection keeps such a plan: beside thousands of instances each look at one would read all.
 */
export async function analyzeAll(query: Query, databaseUrl: string): Promise<void> {
  for (const { name } of await query(
    'select datname as name from pg_database where datallowconn and not datistemplate',
  )) {
    const url = new URL(databaseUrl)
    url.pathname = `/${String(name)}`
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    await client.query('analyze').finally(() => client.end())
  }
}

export function workPerRequest(
  before: DatabaseWork,
  after: DatabaseWork,
  requests: number,
): DatabaseWork {
  return {
    statements: (after.statements - before.statements) / requests,
    commits: (after.commits - before.commits) / requests,
    walBytes: (after.walBytes - before.walBytes) / requests,
  }
}
