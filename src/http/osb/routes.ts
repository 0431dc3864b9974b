// All of the Open Service Broker API on one screen. Each route calls one verb and renders its
// answer; `sourceOf` (check-request.ts) takes from a request what every order carries.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { bind } from '../../bindings/bind.ts'
import { fetchBinding } from '../../bindings/fetch.ts'
import { unbind } from '../../bindings/unbind.ts'
import { deprovision } from '../../instances/deprovision.ts'
import { fetchInstance } from '../../instances/fetch.ts'
import type { OrderDeps } from '../../instances/order.ts'
import { provision } from '../../instances/provision.ts'
import { update } from '../../instances/update.ts'
import { lastOperation, type LastOperationDeps } from '../../operations/last-operation.ts'
import type {
  AcceptsIncompleteQuery,
  BindRequest,
  DeleteQuery,
  LastOperationQuery,
  LastOperationResponse,
  ProvisionRequest,
  UpdateRequest,
} from '../../types.gen.ts'
import { platformOf } from '../admit.ts'
import { apiMinorOf } from './api-version.ts'
import { sendCatalog } from './catalog.ts'
import { acceptNulls, checkRequests, sourceOf } from './check-request.ts'
import { describe } from './describe.ts'
import {
  renderBinding,
  renderBound,
  renderInstance,
  renderOrderResult,
  renderReport,
  type Answer,
} from './render.ts'

interface InstancePath {
  instance_id: string
}
interface BindingPath extends InstancePath {
  binding_id: string
}
interface PollRoute {
  /** Of an instance, or of a binding. */
  Params: InstancePath & Partial<BindingPath>
  Querystring: LastOperationQuery
}

export interface OsbDeps extends OrderDeps, Pick<LastOperationDeps, 'durations'> {
  readonly minApiMinor: number
}

const send = (reply: FastifyReply, { status, body }: Answer<object>) =>
  reply.code(status).type('application/json; charset=utf-8').send(body)

export async function osbRoutes(app: FastifyInstance, deps: OsbDeps): Promise<void> {
  const I = '/service_instances/:instance_id'
  const B = `${I}/service_bindings/:binding_id`
  checkRequests(app, deps.minApiMinor)
  acceptNulls(app)

  app.get('/catalog', describe.catalog, sendCatalog(deps.visibility))

  app.put<{ Params: InstancePath; Querystring: AcceptsIncompleteQuery; Body: ProvisionRequest }>(
    I,
    describe.provision,
    async (request, reply) =>
      send(
        reply,
        renderOrderResult(
          await provision(deps, {
            ...sourceOf(request, request.query.accepts_incomplete),
            instanceId: request.params.instance_id,
            body: request.body,
          }),
          201,
        ),
      ),
  )

  app.get<{ Params: InstancePath }>(I, describe.fetchInstance, async (request) =>
    renderInstance(await fetchInstance(deps, platformOf(request).id, request.params.instance_id)),
  )

  app.patch<{ Params: InstancePath; Querystring: AcceptsIncompleteQuery; Body: UpdateRequest }>(
    I,
    describe.update,
    async (request, reply) =>
      send(
        reply,
        renderOrderResult(
          await update(deps, {
            ...sourceOf(request, request.query.accepts_incomplete),
            instanceId: request.params.instance_id,
            body: request.body,
          }),
          200,
        ),
      ),
  )

  app.delete<{ Params: InstancePath; Querystring: DeleteQuery }>(
    I,
    describe.deprovision,
    async (request, reply) =>
      send(
        reply,
        renderOrderResult(
          await deprovision(deps, {
            ...sourceOf(request, request.query.accepts_incomplete),
            instanceId: request.params.instance_id,
            serviceId: request.query.service_id,
            planId: request.query.plan_id,
          }),
          200,
        ),
      ),
  )

  app.get<PollRoute>(`${I}/last_operation`, describe.lastOperation, poll)

  app.put<{ Params: BindingPath; Querystring: AcceptsIncompleteQuery; Body: BindRequest }>(
    B,
    describe.bind,
    async (request, reply) =>
      send(
        reply,
        renderBound(
          await bind(deps, {
            ...sourceOf(request, request.query.accepts_incomplete),
            instanceId: request.params.instance_id,
            bindingId: request.params.binding_id,
            body: request.body,
          }),
          () => apiMinorOf(request),
        ),
      ),
  )

  app.get<{ Params: BindingPath }>(B, describe.fetchBinding, async (request) =>
    renderBinding(
      await fetchBinding(
        deps,
        platformOf(request).id,
        request.params.instance_id,
        request.params.binding_id,
      ),
      () => apiMinorOf(request),
    ),
  )

  app.delete<{ Params: BindingPath; Querystring: DeleteQuery }>(
    B,
    describe.unbind,
    async (request, reply) =>
      send(
        reply,
        renderOrderResult(
          await unbind(deps, {
            ...sourceOf(request, request.query.accepts_incomplete),
            instanceId: request.params.instance_id,
            bindingId: request.params.binding_id,
            serviceId: request.query.service_id,
            planId: request.query.plan_id,
          }),
          200,
        ),
      ),
  )

  app.get<PollRoute>(`${B}/last_operation`, describe.lastBindingOperation, poll)

  async function poll(
    request: FastifyRequest<PollRoute>,
    reply: FastifyReply,
  ): Promise<LastOperationResponse> {
    const { instance_id: instanceId, binding_id: bindingId = null } = request.params
    const { operation, service_id: serviceId, plan_id: planId } = request.query
    const report = await lastOperation(
      deps,
      { platformId: platformOf(request).id, instanceId, bindingId },
      { operation, serviceId, planId },
    )
    if (report.whileRunning !== undefined)
      reply.header('retry-after', String(report.whileRunning.retryAfterSeconds))
    return renderReport(report)
  }
}
