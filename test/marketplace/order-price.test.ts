// What an order costs with its quantities.
import t from 'tap'
import { priceForOrder } from '../../src/marketplace/order-price.ts'
import type { PlanPrice, PriceComponent } from '../../src/types.gen.ts'

const component = (more: Partial<PriceComponent>): PriceComponent => ({
  kind: 'fixed',
  net: '10.00',
  currency: 'EUR',
  unit: null,
  period: 'month',
  parameter: null,
  validFrom: '2020-01-01',
  validTo: '2020-12-31',
  ...more,
})
const perUser = component({ kind: 'per_unit', net: '1.90', parameter: '/team/users' })
const price = (...components: PriceComponent[]): PlanPrice => ({
  free: false,
  class: 'usage',
  currency: null,
  perMonth: null,
  oneTime: null,
  minimumTermMonths: 3,
  minimumTerm: null,
  components,
})

t.test('what is charged per unit counts where the order says how many', async (t) => {
  const order = (users: unknown, ...components: PriceComponent[]) =>
    priceForOrder(price(...components), { team: { users } })
  t.match(order(25, perUser), { perMonth: '47.50', minimumTerm: '142.50', class: 'under-50' })
  const once = component({ kind: 'one_time', net: '100', period: null })
  t.match(order(25, perUser, component({}), once), { perMonth: '57.50', minimumTerm: '272.50' })
  t.match(order(0, perUser), { perMonth: '0.00', minimumTerm: '0.00' })
  const tiers = [
    { upTo: 10, net: '3.00' },
    { upTo: null, net: '2.00' },
  ]
  const tiered = component({ kind: 'tiered', parameter: '/team/users', tiers })
  t.match(order(10, tiered), { perMonth: '30.00' })
  t.match(order(11, tiered), { perMonth: '22.00' })
  for (const users of [undefined, '25', 2.5, -1, Number.MAX_VALUE])
    t.match(order(users, perUser), { perMonth: null, class: 'usage' }, String(users))
  const metered = component({ kind: 'metered', net: '0.02' })
  t.match(order(25, perUser, metered), { perMonth: '47.50', class: 'usage' })
  t.strictSame(order(25, perUser).components, [perUser], 'it shows what the provider says')
})
