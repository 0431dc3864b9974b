// Search, facets and sorting of the catalog for people.
import t from 'tap'
import type { OsbCatalog } from '../../tools/simulator/types.ts'
import { organisation } from '../access/tenants.ts'
import type { Reply } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { startMarket } from './people.ts'

interface Described {
  readonly name: string
  readonly de: string
  readonly en: string
  readonly dvc: object
  readonly plans: ReadonlyArray<{
    readonly name: string
    readonly de: string
    readonly dvc: object
  }>
}

const monthly = (net: string) => ({ price: [{ kind: 'fixed', net, currency: 'EUR' }] })
const described: readonly Described[] = [
  {
    name: 'postgres',
    de: 'Verwaltete Datenbanken',
    en: 'Managed databases',
    dvc: { category: 'platform', model: 'PaaS', location: { regions: ['nord', 'sued'] } },
    plans: [
      { name: 'klein', de: 'Eine Instanz', dvc: monthly('38') },
      { name: 'gross', de: 'Drei Instanzen mit Ausfallschutz', dvc: monthly('690') },
    ],
  },
  {
    name: 's3',
    de: 'Objektspeicher für große Dateien',
    en: 'Object storage',
    dvc: {
      category: 'platform',
      model: 'IaaS',
      protection: { confidentiality: 'hoch', integrity: 'hoch', availability: 'hoch' },
      attestations: [{ kind: 'C5', validTo: '2099-01-01' }],
    },
    plans: [{ name: 'gb', de: 'Je Gigabyte', dvc: { fulfilment: { kind: 'osb-broker' } } }],
  },
  {
    name: 'messenger',
    de: 'Messenger für die Schule',
    en: 'Messenger for schools',
    dvc: {
      category: 'collaboration',
      model: 'SaaS',
      protection: { confidentiality: 'normal', integrity: 'hoch', availability: 'hoch' },
      attestations: [{ kind: 'C5', validTo: '2001-01-01' }],
    },
    plans: [{ name: 'basis', de: 'Grundpaket', dvc: monthly('1.90') }],
  },
  {
    name: 'geheim',
    de: 'Verschlusssache',
    en: 'Classified matter',
    dvc: { category: 'secret', model: 'SaaS', location: { regions: ['bunker'] } },
    plans: [{ name: 'basis', de: 'Grundpaket', dvc: monthly('0.50') }],
  },
]
const catalog = {
  services: described.map(({ name, de, en, dvc, plans }) => ({
    id: `west-${name}`,
    name,
    description: en,
    bindable: false,
    metadata: { dvc: { ...dvc, i18n: { de: { displayName: de }, en: { displayName: en } } } },
    plans: plans.map((plan) => ({
      id: `west-${name}-${plan.name}`,
      name: plan.name,
      description: plan.name,
      metadata: { dvc: { ...plan.dvc, i18n: { de: { displayName: plan.de } } } },
    })),
  })),
} as unknown as OsbCatalog

const { kontor, agency } = await startMarket(t)
const { admin } = kontor
await kontor.addProvider('west', { catalog })
await organisation(kontor, 'stadt', 'kommune')
await organisation(kontor, 'amt', 'bund')
await admin('POST', '/api/visibility-rules', {
  effect: 'deny',
  who: { level: 'kommune' },
  what: { offering: 'west-geheim' },
  reason: 'It is secret.',
  conceal: true,
})
await admin('POST', '/api/visibility-rules', {
  effect: 'deny',
  who: { level: 'kommune' },
  what: { offering: 'west-s3' },
  reason: 'Only from next year on.',
})
const stadt = await agency('stadt')
const amt = await agency('amt')

const list = async (query: string, call = stadt): Promise<Reply['body']> => {
  const reply = await call('GET', `/api/catalog?${query}`)
  if (reply.status !== 200) throw new Error(reply.text)
  return reply.body
}
const found = async (query: string, call = stadt): Promise<string[]> =>
  (await list(query, call)).items.flatMap(
    ({ name, plans }: { name: string; plans: Array<{ name: string }> }) =>
      plans.map((plan) => `${name.replace('west-', '')}/${plan.name}`),
  )
const search = async (words: string, call = stadt) => found(`q=${encodeURIComponent(words)}`, call)
const counts = async (name: string, query = '', call = stadt): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await list(query, call)).facets
      .find((facet: { name: string }) => facet.name === name)
      .values.map(({ value, count }: { value: string; count: number }) => [value, count]),
  )
const databases = ['postgres/klein', 'postgres/gross']

t.test('words are found in German and English, in each form', async (t) => {
  for (const words of ['Datenbank', 'datenbanken', 'database', 'Databases', 'verwaltete Datenbank'])
    t.strictSame(await search(words), databases, words)
  t.strictSame(await search('die Datenbank für das'), databases, 'words that say nothing')
  t.strictSame(await search('Schulen'), ['messenger/basis'])
  t.strictSame(await search('GROSSE dateien'), ['s3/gb'])
  t.strictSame(await search('große Datenbank'), ['postgres/gross'], 'all words have to be found')
  t.strictSame(await search('Datenbank Drei Instanzen'), ['postgres/gross'], 'only that plan')
  t.strictSame(await search('Messenger Gigabyte'), [])
  t.strictSame(await search('west'), [...databases, 's3/gb', 'messenger/basis'], 'the provider')
})

t.test('beginnings, parts of compounds, and slips of the finger are found', async (t) => {
  t.strictSame(await search('mess'), ['messenger/basis'])
  t.strictSame(await search('Speicher'), ['s3/gb'])
  for (const slip of ['Mesenger', 'Messneger', 'Massenger', 'Messsenger'])
    t.strictSame(await search(slip), ['messenger/basis'], slip)
  t.strictSame(await search('Dattenbannk'), databases, 'two slips in a long word')
  t.strictSame(await search('Objektspeicher fuer grosse'), ['s3/gb'], 'umlauts as two letters')
  t.strictSame(await search('zzzz'), [])
  for (const odd of ['%', '"', '\\', "'; drop table plans; --", '🤷', ':*&|!'])
    t.strictSame(await search(odd), odd.includes('plans') ? [] : await found(''), odd)
})

t.test('a search shows and counts nothing that is concealed', async (t) => {
  t.strictSame(await search('Verschlusssache'), [])
  t.strictSame(await search('Verschlusssache', amt), ['geheim/basis'])
  t.strictSame(await search('geheim'), [])
  t.strictSame(Object.keys(await counts('category')).toSorted(), ['collaboration', 'platform'])
  t.strictSame(await counts('category', '', amt), { platform: 2, collaboration: 1, secret: 1 })
  t.notOk('bunker' in (await counts('region')))
  t.strictSame(await counts('model', 'q=Grundpaket'), { SaaS: 1 })
  t.strictSame(await found('category=secret'), [])
  t.strictSame(await search('Grundpaket'), ['messenger/basis'])
  t.equal((await list('')).total, 3)
})

t.test('a word that is only in what is concealed changes no result', async (t) => {
  // Slips count only where the word itself is nowhere: nowhere in what this reader sees.
  const [first] = catalog.services
  const tagged = { ...first, id: 'ost-db', tags: ['gehein'] }
  await kontor.addProvider('ost', { catalog: { services: [tagged] } as OsbCatalog })
  t.equal((await list('q=geheim')).total, 1)
  t.equal((await list('q=geheim', amt)).total, 1, 'the other one')
})

t.test('a search of invented words without end leaves the process to others', async (t) => {
  let seed = 1
  const invented = () => {
    seed = (seed * 16_807) % 2_147_483_647
    return `x${seed.toString(36).padStart(7, 'q')}`
  }
  const texts = Array.from({ length: 400 }, () => Array.from({ length: 54 }, invented).join(' '))
  const last = texts.at(-1)?.split(' ')[50] ?? ''
  const services = [0, 200].map((from) => ({
    id: `sued-many${from}`,
    name: `many${from}`,
    description: 'Many',
    bindable: false,
    plans: texts.slice(from, from + 200).map((description, at) => ({
      id: `sued-${from + at}`,
      name: `quagga${from + at}`,
      description: 'One of many',
      metadata: { dvc: { i18n: { de: { displayName: 'Viele', description } } } },
    })),
  }))
  await kontor.addProvider('sued', { catalog: { services } as unknown as OsbCatalog })
  t.strictSame(await search('quagga399'), ['sued-many200/quagga399'], 'by its name')
  t.strictSame(await search(last), [], 'one provider has no more than so many words')
  t.strictSame(await search(texts[0]?.split(' ')[5] ?? ''), ['sued-many0/quagga0'])
  t.strictSame(await search('Mesenger'), ['messenger/basis'], 'those of others stay')
})

t.test('facets narrow, and count what the others leave', async (t) => {
  const west = 'provider=west'
  t.strictSame(await found(`${west}&category=platform`), [...databases, 's3/gb'])
  t.strictSame(await counts('category', `${west}&category=platform`), {
    platform: 2,
    collaboration: 1,
  })
  t.strictSame(await counts('model', `${west}&category=platform`), { IaaS: 1, PaaS: 1 })
  t.strictSame(
    await found(`${west}&model=SaaS&model=IaaS`),
    ['s3/gb', 'messenger/basis'],
    'one of several values has to fit',
  )
  t.strictSame(await found(`${west}&model=PaaS&category=collaboration`), [])
  t.strictSame(await found(`${west}&price=200-1000`), ['postgres/gross'], 'only that plan')
  t.strictSame(await counts('price', west), { 'under-50': 2, '200-1000': 1, unstated: 1 })
  t.strictSame(await found(`${west}&protection=normal`), ['s3/gb', 'messenger/basis'])
  t.strictSame(await found(`${west}&protection=hoch`), ['s3/gb'])
  t.strictSame(await counts('protection', west), { normal: 2, hoch: 1 })
  t.strictSame(await counts('attestation', west), { C5: 1 }, 'an expired one does not count')
  t.strictSame(await counts('fulfilment', west), { 'osb-broker': 1 })
  t.strictSame(await found(`${west}&region=sued`), databases)
  t.strictSame(await found(`${west}&orderable=true`), [...databases, 'messenger/basis'])
  const chosen = (await list('category=nothing')).facets[0].values.at(-1)
  t.strictSame(chosen, { value: 'nothing', label: 'nothing', count: 0, chosen: true })
})

t.test('the list is sorted by price, by name and by relevance', async (t) => {
  const order = async (query: string) => [
    ...new Set((await found(`provider=west&${query}`)).map((each) => each.split('/')[0])),
  ]
  t.strictSame(await order('sort=price'), ['messenger', 'postgres', 's3'], 'no price comes last')
  t.strictSame(await order('sort=name&language=de'), ['messenger', 's3', 'postgres'])
  t.strictSame(await order('sort=name&language=en'), ['postgres', 'messenger', 's3'])
  t.strictSame(await order('q=Instanz'), ['postgres'])
  t.equal((await stadt('GET', '/api/catalog?sort=secret')).status, 400)
  t.equal((await stadt('GET', `/api/catalog?q=${'x'.repeat(201)}`)).status, 400)
})

t.test('prices in several currencies are sorted each for itself, euros first', async (t) => {
  const pricesOf: Readonly<Record<string, ReadonlyArray<Readonly<Record<string, number>>>>> = {
    franc: [{ chf: 1 }],
    dollar: [{ usd: 2 }],
    'cheaper-dollar': [{ usd: 1 }],
    euro: [{ eur: 900 }],
    // Of several plans the cheapest counts, in euros before any other.
    both: [{ usd: 0.5 }, { eur: 30 }],
    unstated: [],
  }
  const services = Object.entries(pricesOf).map(([name, prices]) => ({
    id: `welt-${name}`,
    name,
    description: 'One of the world',
    bindable: false,
    plans: [...prices, undefined].map((amount, at) => ({
      id: `welt-${name}-${at}`,
      name: `plan${at}`,
      description: 'A plan',
      metadata: amount === undefined ? {} : { costs: [{ amount, unit: 'MONTHLY' }] },
    })),
  }))
  await kontor.addProvider('welt', { catalog: { services } as unknown as OsbCatalog })
  const { items } = await list('provider=welt&sort=price')
  t.strictSame(
    items.map(({ name }: { name: string }) => name),
    ['both', 'euro', 'franc', 'cheaper-dollar', 'dollar', 'unstated'].map((name) => `welt-${name}`),
  )
})

t.test('kontor catalog lists, searches, shows and compares', async (t) => {
  const environment = {
    KONTOR_URL: kontor.url,
    KONTOR_ADMIN_TOKEN: kontor.environment['KONTOR_ADMIN_TOKEN'] ?? '',
  }
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runKontor(['catalog', ...args], environment)
    if (code !== 0) throw new Error(stderr)
    return stdout
  }
  const searched = await run('search', 'messenger', 'school', '--organisation', 'stadt')
  t.match(searched, /^west-messenger +basis +1\.90 EUR per month +yes +[0-9a-f-]{36}$/m)
  t.notMatch(searched, /west-s3/)
  t.match(
    await run('list', '--model', 'IaaS', '--organisation', 'stadt', '--language', 'de'),
    /west-s3 +gb +keine Angabe +no: Only from next year on\./,
  )
  t.match(await run('list', '--limit', '1'), /More: --cursor [0-9a-f-]{36}/)
  t.equal(await run('search', 'Verschlusssache', '--organisation', 'stadt'), 'Nothing was found.\n')
  const shown = await run('show', 'west-postgres', '--language', 'de')
  t.match(shown, /title: +Verwaltete Datenbanken\n/)
  t.match(shown, /klein +Eine Instanz +38,00 EUR im Monat/)
  const { items } = await list('provider=west&model=PaaS')
  const ids = items[0].plans.map(({ id }: { id: string }) => id)
  t.match(await run('compare', ...ids), /Fixed price per month +38\.00 EUR +690\.00 EUR\n/)
  t.match(await run('compare', ...ids, '--csv', '--language', 'de'), /,"38,00 EUR","690,00 EUR"/)
  t.match(
    await run('compare', ...ids, '--freeze', '--organisation', 'stadt'),
    /digest: +hmac-sha256:[0-9a-f]{64}\n/,
  )
  t.match(JSON.parse(await run('list', '--json')), { items: Array })
})
