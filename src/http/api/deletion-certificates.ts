import type { FastifyInstance } from 'fastify'
import {
  checkCertificate,
  deletionCertificate,
} from '../../orders/certificate/deletion-certificate.ts'
import type { OrdersDeps } from '../../orders/deps.ts'
import type { DeletionCertificate } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { memberReader } from '../auth/roles.ts'
import { json, problem, ref, route, tooLarge } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { noOrder, orderNumber, orders, type ByNumber } from './orders.ts'

/** Proof that the instance of an order was deleted. */
export const deletionCertificates: Noun<OrdersDeps> = {
  ...(orders.tag === undefined ? {} : { tag: orders.tag }),
  permissions: {
    'GET /api/orders/:number/deletion-certificate': memberReader,
    'POST /api/deletion-certificates/check': memberReader,
  },
  addRoutes,
}

const describe = {
  read: route('getDeletionCertificate', 'Get the deletion certificate of an order', orderNumber, {
    200: json('What was deleted, when, and what says so.', 'deletion-certificate'),
    ...noOrder,
    409: problem('Its instance is not deleted, or no event of the audit chain says so (yet).'),
  }),
  check: route(
    'checkDeletionCertificate',
    'Check whether a deletion certificate is as Kontor issued it',
    { body: ref('deletion-certificate') },
    { 200: json('Whether it is.', 'checked-certificate'), ...tooLarge },
  ),
} as const

async function addRoutes(app: FastifyInstance, deps: OrdersDeps): Promise<void> {
  app.get<ByNumber>('/orders/:number/deletion-certificate', describe.read, async (request) =>
    deletionCertificate(deps, accessScopeOf(request), request.params.number),
  )

  app.post<{ Body: DeletionCertificate }>(
    '/deletion-certificates/check',
    describe.check,
    async (request) => checkCertificate(deps, request.body),
  )
}
