import { readFileSync } from 'node:fs'
import draft04 from 'ajv-draft-04'
import t from 'tap'
import { readPrices } from '../../src/catalog/listing/prices.ts'
import { readOfferingListing, readPlanListing } from '../../src/catalog/listing/read-listing.ts'
import { parse } from 'yaml'
import { readDemoCatalog, writeProviderFiles } from '../../tools/simulator/demo-catalog.ts'
import { loadCatalog } from '../../tools/simulator/load.ts'

const file = new URL('../../demo/catalog.yaml', import.meta.url).pathname
const providers = readDemoCatalog(file)
const offerings = providers.flatMap((provider) => provider.catalog.services)

t.test('nine data centres with 44 services come out', async (t) => {
  t.strictSame(providers.map((provider) => provider.key).sort(), [
    'alpenwolke',
    'messewolke',
    'mittelwolke',
    'moorwolke',
    'nordwolke',
    'ostseewolke',
    'rebenwolke',
    'rheinwolke',
    'suedwestwolke',
  ])
  t.equal(offerings.length, 44)
  t.ok(providers.every((provider) => provider.catalog.services.length > 0))
  t.ok(providers.every((provider) => provider.displayName.endsWith('(fiktiv)')))
  const ids = offerings.flatMap((offering) => [
    offering.id,
    ...offering.plans.map((plan) => plan.id),
  ])
  t.equal(new Set(ids).size, ids.length, 'ids are unique')
})

t.test('no real body is named in what is published', async (t) => {
  const { providers: real } = parse(readFileSync(file, 'utf8')) as {
    providers: Array<{ id: string; name: string; guid: string }>
  }
  const text = JSON.stringify(providers).toLowerCase()
  for (const { id, name, guid } of real) {
    for (const word of [name, guid, `"${id}"`]) t.notOk(text.includes(word.toLowerCase()), word)
    t.notMatch(text, new RegExp(`[^a-z]${id}[^a-z0-9]`), id)
  }
})

t.test('every offering and plan keeps the rules of the spec', async (t) => {
  for (const offering of offerings) {
    t.ok(
      offering.name !== '' && offering.description !== '' && offering.plans.length > 0,
      offering.name,
    )
    t.match(offering.metadata, {
      providerDisplayName: /\(fiktiv\)$/,
      dvc: { demo: true, i18n: { de: { displayName: String }, en: { displayName: String } } },
    })
    for (const plan of offering.plans) {
      t.ok(plan.description)
      t.match(plan.metadata, {
        costs: [{ amount: { eur: Number }, unit: String }],
        dvc: { price: [{ net: /^\d+\.\d{2,}$/ }] },
      })
    }
  }
})

t.test(
  'the messenger takes ten seconds in five steps, and the rest follows its attributes',
  async (t) => {
    const find = (name: string) => {
      const provider = providers.find(({ catalog }) =>
        catalog.services.some((offering) => offering.name === name),
      )
      const offering = provider?.catalog.services.find((candidate) => candidate.name === name)
      return { offering, behaviour: provider?.behaviours[offering?.id ?? ''] }
    }
    const messenger = find('dmessenger')
    t.match(messenger.behaviour, { mode: 'async', provisionSeconds: 10 })
    t.equal(messenger.behaviour?.steps?.length, 5)
    t.strictSame(find('tls-zertifikat').behaviour, {
      mode: 'sync',
      dashboard: true,
      bindingExpiresDays: 90,
    })
    t.match(find('postgresql').behaviour, { mode: 'async', asyncBinding: true, bindSeconds: 2 })
    t.match(find('postgresql').offering?.plans[0], {
      binding_rotatable: true,
      maximum_polling_duration: 3600,
      maintenance_info: { version: '16.4.0' },
    })
    for (const { behaviours } of providers) {
      for (const { mode, provisionSeconds = 0 } of Object.values(behaviours))
        t.ok(mode === 'sync' || (provisionSeconds >= 3 && provisionSeconds <= 10))
    }
  },
)

t.test('the parameter schemas are valid, self-contained and small', async (t) => {
  const ajv = new draft04.default({ strict: false, validateFormats: false })
  const schemas = offerings
    .flatMap((offering) => offering.plans.map((plan) => plan.schemas))
    .filter((schema) => schema !== undefined)
  t.ok(schemas.length >= 4)
  for (const { service_instance: instance } of schemas as Array<{
    service_instance: { create: { parameters: { $schema: string } } }
  }>) {
    const { parameters } = instance.create
    t.ok(parameters.$schema.includes('draft-04') && JSON.stringify(parameters).length < 64_000)
    t.equal(ajv.compile(parameters)({ more: true }), true)
  }
})

t.test('provider files load like the catalog they come from', async (t) => {
  const files = writeProviderFiles(providers, t.testdir())
  t.equal(files.size, 9)
  const loaded = await loadCatalog(files.get('nordwolke') ?? '', undefined)
  t.strictSame(loaded, {
    provider: 'nordwolke',
    catalog: providers[0]?.catalog,
    behaviours: providers[0]?.behaviours,
  })
  t.strictSame(await loadCatalog(file, 'nordwolke'), loaded)
})

t.test('every listing field and price fits the schemas of the catalog for people', async (t) => {
  for (const { metadata, name, plans } of offerings) {
    t.strictSame(readOfferingListing(metadata).faults, [], name)
    for (const plan of plans) {
      const { fields, faults } = readPlanListing(plan.metadata)
      t.strictSame([...faults, ...readPrices(plan.metadata, fields).faults], [], plan.name)
    }
  }
})
