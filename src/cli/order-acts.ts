import { Command, InvalidArgumentError } from 'commander'
import type {
  CancelOrder,
  ChangeOrder,
  CreateOrderBinding,
  OrderBinding,
  OrderCancellation,
  OrderView,
} from '../types.gen.ts'
import { callManagement } from './management-api.ts'
import { fields } from './print.ts'

interface Shown {
  json?: true | undefined
}
interface Asked extends Shown {
  idempotencyKey?: string | undefined
}
interface Cancel extends Asked {
  instanceName?: string
  now?: true
}

export function orderPath(number: string, verb = ''): string {
  return `orders/${encodeURIComponent(number)}${verb}`
}

export function showOrder(order: OrderView, json?: true): void {
  if (json === true) return console.log(JSON.stringify(order, null, 2))
  const { offering, plan, price, instance } = order
  console.log(
    fields({
      number: order.number,
      progress: order.progress,
      organisation: order.organisation.name,
      'ordered by': order.orderedBy.name ?? order.orderedBy.id,
      provider: order.provider.name,
      plan: `${offering.name}/${plan.name}`,
      'per month': price.perMonth,
      instance: instance.name,
      'instance id': instance.id,
      parameters: order.parameters === null ? null : JSON.stringify(order.parameters),
      purpose: order.purpose,
      'cost centre': order.costCentre,
      'protection need': order.protectionNeed,
      beneficiary: order.beneficiary.name,
      'invoice recipient': order.invoiceRecipient.name,
      'created at': order.createdAt,
      'submitted at': order.submittedAt,
      'expires at': order.expiresAt,
      'ends at': order.endsAt,
      problems: order.problems.map(({ detail }) => detail).join(' ') || null,
    }),
  )
}

/** For a command that may be sent again, such as after a broken connection. */
export function withKey(command: Command): Command {
  return command.option(
    '--idempotency-key <text>',
    'chosen by you: the same request sent again with it is carried out once',
  )
}

/** What is done with an order by its number. */
export function addOrderActs(command: Command): void {
  const act = (spelling: string, description: string): Command =>
    command.command(spelling).description(description).option('--json', 'print the answer as JSON')
  act('submit <number>', 'submit a draft: it is ordered')
    .option('--price-tag <tag>', 'of a check, to accept a price that has changed')
    .action(async (number: string, { json, ...body }: Shown & { priceTag?: string }) => {
      showOrder(await callManagement<OrderView>('POST', orderPath(number, '/submit'), body), json)
    })
  const post = async (path: string, body: object | undefined, { json, idempotencyKey }: Asked) => {
    showOrder(await callManagement<OrderView>('POST', path, body, idempotencyKey), json)
  }
  withKey(act('again <number>', 'make a draft with the values of an order')).action(
    (number: string, asked: Asked) => post(orderPath(number, '/again'), undefined, asked),
  )
  withKey(act('change <number>', "change the plan or the parameters of an order's instance"))
    .option('--plan <plan>', 'another plan of the offering')
    .option('--parameters <json>', "as the plan's schema describes them", readObject)
    .action((number: string, { json, idempotencyKey, ...body }: Asked & ChangeOrder) =>
      post(orderPath(number, '/change'), body, { json, idempotencyKey }),
    )
  withKey(
    act('upgrade <number>', 'bring its instance to the maintenance version of its plan'),
  ).action((number: string, asked: Asked) => post(orderPath(number, '/upgrade'), undefined, asked))
  addEnds(act)
  addBindings(command, act)
  command
    .command('discard <number>')
    .description('give a draft up')
    .action(async (number: string) => {
      await callManagement('DELETE', orderPath(number))
      console.log('Discarded.')
    })
}

function addBindings(
  command: Command,
  act: (spelling: string, description: string) => Command,
): void {
  withKey(act('bind <number>', "order a binding of an order's instance"))
    .option('--parameters <json>', "as the plan's schema describes them", readObject)
    .option('--predecessor <binding>', 'id of the binding that it replaces')
    .action(async (number: string, asked: Asked & CreateOrderBinding) => {
      const { json, idempotencyKey, ...body } = asked
      const path = orderPath(number, '/bindings')
      const made = await callManagement<OrderBinding>('POST', path, body, idempotencyKey)
      console.log(json === true ? JSON.stringify(made, null, 2) : fields({ ...made }))
    })
  command
    .command('unbind <number> <binding>')
    .description("delete a binding of an order's instance")
    .action(async (number: string, binding: string) => {
      await callManagement('DELETE', orderPath(number, `/bindings/${encodeURIComponent(binding)}`))
      console.log('Ordered.')
    })
}

function addEnds(act: (spelling: string, description: string) => Command): void {
  const path = '/cancellation'
  withKey(act('cancel <number>', 'end its instance; without --instance-name, show what that does'))
    .option('--instance-name <text>', 'name of the instance, to confirm')
    .option('--now', 'at once, and not when its terms allow')
    .action(async (number: string, { json, instanceName, now, idempotencyKey }: Cancel) => {
      const at = orderPath(number, path)
      if (instanceName !== undefined) {
        const body: CancelOrder = { instanceName, when: now === true ? 'now' : 'end-date' }
        const order = await callManagement<OrderView>('POST', at, body, idempotencyKey)
        return showOrder(order, json)
      }
      const effects = await callManagement<OrderCancellation>('GET', at)
      if (json === true) return console.log(JSON.stringify(effects, null, 2))
      const { cancelled, withdrawable, ...values } = effects
      const state = cancelled ? (withdrawable ? 'yes; it can be withdrawn' : 'yes') : 'no'
      console.log(fields({ ...values, cancelled: state }))
    })
  withKey(act('keep <number>', 'withdraw a cancellation before its end')).action(
    async (number: string, { json, idempotencyKey }: Asked) => {
      const at = orderPath(number, path)
      showOrder(await callManagement<OrderView>('DELETE', at, undefined, idempotencyKey), json)
    },
  )
}

/** @throws InvalidArgumentError for a text that is no JSON object */
export function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // The error of the parser does not say which option it is about.
  }
  throw new InvalidArgumentError('It must be a JSON object.')
}
