import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { OperationKind } from '../states.ts'
import { maxKnown, type Estimate } from './estimate.ts'

export interface Row {
  readonly planId: string
  readonly kind: OperationKind
  readonly estimate: Estimate
}

/** Merges what one process has learned into the shared rows, in one statement. */
export async function mergeEstimates(db: Db, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return
  // Lock in key order to avoid deadlocks.
  const sorted = rows.toSorted((a, b) =>
    a.planId < b.planId ? -1 : a.planId > b.planId ? 1 : a.kind < b.kind ? -1 : 1,
  )
  const kept = sql<number>`least(operation_durations.weight, ${maxKnown}::float8)`
  const weight = sql<number>`(${kept} + excluded.weight)`
  await db
    .insertInto('operation_durations')
    .values(
      sorted.map(({ planId, kind, estimate }) => ({
        plan_id: planId,
        kind,
        samples: estimate.samples,
        weight: estimate.weight,
        ln_mean: estimate.lnMean,
        ln_variance: estimate.lnVariance,
        updated_at: sql<Date>`now()`,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['plan_id', 'kind']).doUpdateSet({
        samples: sql<string>`operation_durations.samples + excluded.samples`,
        weight,
        ln_mean: sql<number>`(
          ${kept} * operation_durations.ln_mean + excluded.weight * excluded.ln_mean
        ) / ${weight}`,
        ln_variance: sql<number>`(
          ${kept} * operation_durations.ln_variance + excluded.weight * excluded.ln_variance
          + ${kept} * excluded.weight / ${weight}
            * (excluded.ln_mean - operation_durations.ln_mean) ^ 2
        ) / ${weight}`,
        updated_at: sql<Date>`now()`,
      }),
    )
    .execute()
}

/** All estimates, or those changed in the last `withinSeconds` by the database's clock. */
export async function listEstimates(db: Db, withinSeconds?: number): Promise<Row[]> {
  const rows = await db
    .selectFrom('operation_durations')
    .select(['plan_id', 'kind', 'samples', 'weight', 'ln_mean', 'ln_variance'])
    .$if(withinSeconds !== undefined, (query) =>
      query.where(
        sql<boolean>`updated_at > now() - make_interval(secs => ${withinSeconds}::float8)`,
      ),
    )
    .execute()
  return rows.map((row) => ({
    planId: row.plan_id,
    // A check constraint allows just these values.
    kind: row.kind as OperationKind,
    estimate: {
      samples: Number(row.samples),
      weight: row.weight,
      lnMean: row.ln_mean,
      lnVariance: row.ln_variance,
    },
  }))
}
