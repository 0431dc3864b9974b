import type { FastifyInstance } from 'fastify'
import type { Db } from '../../db/database.ts'
import type { IntegrityView } from '../../types.gen.ts'
import {
  describeFailure,
  markFailure,
  verifySealed,
} from '../../vault/sealed-rows/verify-sealed.ts'
import { json, route } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { reader } from '../auth/roles.ts'

/** Whether protected tables were changed past Kontor. */
export const integrity: Noun<{ readonly db: Db }> = {
  tag: {
    name: 'Integrity',
    description: 'What was changed in the database past Kontor.',
  },
  permissions: {
    'GET /api/integrity': reader,
  },
  addRoutes,
}

// An answer must stay readable when a table was changed as a whole.
const maxListed = 100

const describe = route(
  'getIntegrity',
  'Check whether the tables that decide who is let in are as Kontor wrote them',
  {},
  { 200: json('The state of each protected table, checked now.', 'integrity') },
)

async function addRoutes(app: FastifyInstance, { db }: { readonly db: Db }): Promise<void> {
  app.get('/integrity', describe, async (): Promise<IntegrityView> => {
    const { tables, isMarkRight } = await verifySealed(db)
    const items = tables.map((report) => {
      const damaged = report.damaged.slice(0, maxListed)
      return {
        table: report.table,
        isSealed: report.isSealed,
        isRight: report.isWhole && damaged.length === 0,
        damaged,
        ...(report.digest === undefined ? {} : { digest: report.digest }),
        findings: describeFailure({ ...report, damaged }),
      }
    })
    if (!isMarkRight)
      items.push({
        table: 'vault_marks',
        isSealed: true,
        isRight: false,
        damaged: [],
        findings: [markFailure],
      })
    return { isRight: items.every(({ isRight }) => isRight), tables: items }
  })
}
