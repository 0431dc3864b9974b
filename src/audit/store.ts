import type { Insertable } from 'kysely'
import type { Tx } from '../db/database.ts'
import type { AuditEvents } from '../db/schema.gen.ts'

export async function insertEvent (tx: Tx, row: Insertable<AuditEvents>): Promise<void> {
  await tx.insertInto('audit_events').values(row).execute()
}
