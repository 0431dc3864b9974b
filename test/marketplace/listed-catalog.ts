import type { OsbCatalog } from '../../tools/simulator/types.ts'

const texts = (de: string, en: string) => ({
  de: { displayName: de, description: `${de}.` },
  en: { displayName: en, description: `${en}.` },
})

/** Three offerings: one with all listing fields, one with only OSB's, one with faulty fields. */
export function listedCatalog(provider: string): OsbCatalog {
  const plan = (id: string, metadata: object, free = false) => ({
    id: `${provider}-${id}`,
    name: id,
    description: `Plan ${id}`,
    free,
    metadata,
  })
  const services = [
    {
      id: `${provider}-chat`,
      name: 'chat',
      description: 'A messenger',
      tags: ['messenger'],
      bindable: false,
      plan_updateable: true,
      metadata: {
        documentationUrl: 'https://docs.example/chat',
        supportUrl: 'javascript:alert(1)',
        dvc: {
          i18n: texts('Nachrichten für Ämter', 'Messages for offices'),
          category: 'collaboration',
          model: 'SaaS',
          protection: {
            confidentiality: 'hoch',
            integrity: 'normal',
            availability: 'hoch',
            vsNfd: false,
          },
          location: { regions: ['de-nord-1'], country: ['DE'] },
          attestations: [
            { kind: 'C5', version: '2020', type: 2, validTo: '2099-06-30' },
            { kind: 'ISO27001', validTo: '2020-01-31' },
            // No calendar has that day.
            { kind: 'BSI', validTo: '2099-02-31' },
          ],
          contract: { minTermMonths: 6, dpaUrl: 'https://docs.example/avv.pdf' },
          sla: { availabilityPercent: 99.5, serviceHours: 'Mo-Fr 8-17' },
          documents: [{ kind: 'terms', title: { de: 'AGB' }, url: 'https://docs.example/agb.pdf' }],
        },
      },
      plans: [
        plan('users', {
          costs: [{ amount: { eur: 999 }, unit: 'MONTHLY' }],
          dvc: {
            i18n: texts('Je Person', 'Per person'),
            price: [
              { kind: 'fixed', unit: 'MONTHLY', net: '19.90', currency: 'EUR' },
              { kind: 'one_time', net: '100', currency: 'EUR' },
              {
                kind: 'per_unit',
                unit: 'per user MONTHLY',
                net: '0.10',
                currency: 'EUR',
                parameter: '/users',
              },
              {
                kind: 'fixed',
                unit: 'MONTHLY',
                net: '5000',
                currency: 'EUR',
                validFrom: '2099-01-01',
              },
            ],
            minTermMonths: 3,
            fulfilment: { kind: 'manual-ticket', expectedHours: 48 },
          },
        }),
        plan('yearly', {
          dvc: { price: [{ kind: 'fixed', unit: 'YEARLY', net: '100', currency: 'EUR' }] },
        }),
      ],
    },
    {
      id: `${provider}-store`,
      name: 'store',
      description: 'An object store',
      bindable: true,
      metadata: { displayName: 'Object store' },
      plans: [
        plan('used', {
          costs: [
            { amount: { usd: 0.11, eur: 0.1 }, unit: 'GB MONTHLY' },
            { amount: { eur: 0.2 }, unit: 'GB MONTHLY' },
          ],
        }),
        plan('free', { costs: Array(21).fill({ amount: { eur: 0 }, unit: 'ONCE' }) }, true),
      ],
    },
    {
      id: `${provider}-odd`,
      name: 'odd',
      description: 'An odd one',
      bindable: false,
      metadata: {
        dvc: {
          category: 'collaboration',
          protection: 'very high',
          sla: { availabilityPercent: 101 },
          documents: [{ kind: 'terms', url: 'javascript:alert(1)' }],
        },
      },
      plans: [
        plan('only', {
          costs: [
            { amount: { eur: 4 }, unit: 'MONTHLY' },
            { amount: { eur: -3 }, unit: 'ONCE' },
          ],
          dvc: {
            price: [{ kind: 'fixed', net: 1.9, currency: 'EUR' }],
            minTermMonths: 'three',
            fulfilment: { kind: 'osb-broker' },
          },
        }),
      ],
    },
  ]
  return { services } as unknown as OsbCatalog
}
