import type { FastifyInstance, FastifyRequest } from 'fastify'
import { changeDraft, discardDraft } from '../../orders/change-draft.ts'
import { checkOrder } from '../../orders/check.ts'
import type { OrdersDeps } from '../../orders/deps.ts'
import { ordersCsv } from '../../orders/csv.ts'
import { draftOrder } from '../../orders/draft.ts'
import { orderAgain } from '../../orders/order-again.ts'
import { describeOrder, listOrders, type OrderQuery, type OrderReader } from '../../orders/read.ts'
import { submitDraft, type SubmitResult } from '../../orders/submit.ts'
import type { CreateOrder, OrderRefusal, SubmitOrder, UpdateOrder } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { callerOf } from '../auth/caller.ts'
import { memberReader, orderer } from '../auth/roles.ts'
import { signedInOf } from '../auth/signed-in.ts'
import { csvFormat, pageOrCsv, sendCsv } from './csv-list.ts'
import {
  json,
  noContent,
  pagedQuery,
  problem,
  ref,
  route,
  text,
  tooLarge,
  uuid,
} from './describe-route.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'

/** What people order for their organisations. */
export const orders: Noun<OrdersDeps> = {
  tag: {
    name: 'Orders',
    description: 'Orders of people: drafted, checked, submitted and followed.',
  },
  permissions: {
    'POST /api/orders': orderer,
    'GET /api/orders': memberReader,
    'GET /api/orders/:number': memberReader,
    'PATCH /api/orders/:number': orderer,
    'DELETE /api/orders/:number': orderer,
    'POST /api/orders/:number/check': orderer,
    'POST /api/orders/:number/submit': orderer,
    'POST /api/orders/:number/again': orderer,
  },
  addRoutes,
}

export const orderNumber = {
  params: {
    type: 'object',
    required: ['number'],
    properties: {
      number: {
        type: 'string',
        minLength: 1,
        maxLength: 30,
        description: 'Number of the order, in any case, with or without hyphens.',
      },
    },
  },
}
export const idempotent = {
  headers: {
    type: 'object',
    properties: {
      'idempotency-key': {
        type: 'string',
        minLength: 1,
        maxLength: 255,
        description:
          'Chosen by the client. The same request sent again with it is carried out once; with ' +
          'another request it is a conflict.',
      },
    },
  },
}
export const noOrder = { 404: problem('There is no such order.') }
const noDraft = {
  ...noOrder,
  409: problem('It is no draft any more, or has just been changed.'),
  ...tooLarge,
}
const made = {
  201: json('A draft; Location is its address.', 'order'),
  409: problem('You have 100 drafts, or have sent the Idempotency-Key with another request.'),
  ...tooLarge,
}
const refusal = {
  description: 'Refused: it stays a draft. `problems` lists all reasons.',
  content: { 'application/problem+json': { schema: ref('order-refusal') } },
}

const describe = {
  draft: route(
    'draftOrder',
    'Make a draft of an order',
    { ...idempotent, body: ref('create-order') },
    made,
  ),
  list: route(
    'listOrders',
    'List orders of your organisations, newest first',
    pagedQuery({
      state: { enum: ['draft', 'submitted', 'discarded'] },
      organisation: text('Name or id of the organisation that orders.'),
      person: uuid('Id of the person who ordered.'),
      q: text("Part of an order's number or of its instance's name."),
      ...csvFormat,
    }),
    { 200: pageOrCsv('A page of orders, without their parameters; as CSV all.', 'order-item') },
  ),
  read: route('getOrder', 'Get an order', orderNumber, {
    200: json('The order.', 'order'),
    ...noOrder,
  }),
  change: route(
    'changeDraft',
    'Change a draft',
    { ...orderNumber, body: ref('update-order') },
    { 200: json('Changed.', 'order'), ...noDraft },
  ),
  discard: route('discardDraft', 'Discard a draft', orderNumber, {
    ...noContent('Discarded; it is deleted 90 days later.'),
    ...noDraft,
  }),
  check: route(
    'checkOrder',
    'Check a draft: rules, quotas, price and parameters; nothing is ordered',
    orderNumber,
    { 200: json('What hinders its submission, if anything.', 'order-check'), ...noDraft },
  ),
  submit: route(
    'submitOrder',
    'Submit a draft; sent again it changes nothing',
    { ...orderNumber, body: ref('submit-order') },
    { 200: json('Submitted.', 'order'), 422: refusal, ...noDraft },
  ),
  again: route(
    'orderAgain',
    'Make a draft with the values of an order',
    { ...orderNumber, ...idempotent },
    { ...made, ...noOrder },
  ),
} as const

export interface ByNumber {
  Params: { number: string }
}
interface Filters extends Paging, Omit<OrderQuery, 'before'> {
  format?: 'json' | 'csv'
}

export const keyOf = ({ headers }: FastifyRequest): string | undefined =>
  headers['idempotency-key']?.toString()

function readerOf(request: FastifyRequest): OrderReader {
  const { principal } = request
  const rolesIn = principal?.kind === 'person' ? principal.signedIn?.rolesIn : undefined
  return { caller: callerOf(request), ...(rolesIn === undefined ? {} : { rolesIn }) }
}

async function addRoutes(app: FastifyInstance, deps: OrdersDeps): Promise<void> {
  app.post<{ Body: CreateOrder }>('/orders', describe.draft, async (request, reply) => {
    const order = await draftOrder(deps, signedInOf(request), request.body, keyOf(request))
    return reply.code(201).header('location', `/api/orders/${order.number}`).send(order)
  })

  app.get<{ Querystring: Filters }>(
    '/orders',
    { ...describe.list, exposeHeadRoute: false },
    async (request, reply) => {
      const { limit, cursor, format, ...query } = request.query
      const asked = pageOf({ limit, cursor })
      const scope = accessScopeOf(request)
      const readPage = (before: string | undefined, max: number) =>
        listOrders(deps, scope, { ...query, before }, max)
      return format === 'csv'
        ? sendCsv(reply, 'orders', await ordersCsv(readPage, asked.before))
        : readPage(asked.before, asked.limit)
    },
  )

  app.get<ByNumber>('/orders/:number', describe.read, async (request) =>
    describeOrder(deps, readerOf(request), request.params.number),
  )

  app.patch<ByNumber & { Body: UpdateOrder }>('/orders/:number', describe.change, async (request) =>
    changeDraft(deps, signedInOf(request), request.params.number, request.body),
  )

  app.delete<ByNumber>('/orders/:number', describe.discard, async (request, reply) => {
    await discardDraft(deps, signedInOf(request), request.params.number)
    return reply.code(204).send()
  })

  app.post<ByNumber>('/orders/:number/check', describe.check, async (request) =>
    checkOrder(deps, signedInOf(request), request.params.number),
  )

  app.post<ByNumber & { Body: SubmitOrder }>(
    '/orders/:number/submit',
    describe.submit,
    async (request, reply) => {
      const result = await submitDraft(
        deps,
        signedInOf(request),
        request.params.number,
        request.body,
      )
      if (result.kind === 'submitted') return result.order
      return reply
        .code(422)
        .type('application/problem+json; charset=utf-8')
        .send(refusalOf(result, request))
    },
  )

  app.post<ByNumber>('/orders/:number/again', describe.again, async (request, reply) => {
    const { params } = request
    const order = await orderAgain(deps, signedInOf(request), params.number, keyOf(request))
    return reply.code(201).header('location', `/api/orders/${order.number}`).send(order)
  })
}

function refusalOf(
  { problems }: Extract<SubmitResult, { kind: 'refused' }>,
  request: FastifyRequest,
): OrderRefusal {
  return {
    // The page of that type says that `detail` names the fields.
    type: '/problems/invalid_request',
    title: 'The order cannot be submitted',
    status: 422,
    detail: problems.map(({ detail }) => detail).join(' '),
    instance: request.url.split('?')[0] ?? '',
    problems: [...problems],
  }
}
