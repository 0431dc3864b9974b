// What the row "console" needs: one Postgres, one Kontor, an issuer, 100 providers with 5,000
// plans, and 50 people who are signed in and have orders.
import { join } from 'node:path'
import { request } from 'undici'
import { caller, type Call } from '../../test/support/caller.ts'
import { writeOidcFile } from '../../test/support/oidc-file.ts'
import { signInAt } from '../../test/support/sign-in.ts'
import { startDemoIssuer, type DemoIssuer } from '../../tools/demo-issuer/start.ts'
import type { DemoPerson } from '../../tools/demo-issuer/people.ts'
import { buildStage, openQuery, profileFlags, type Query } from '../base-stage.ts'
import { startKontor, type Server } from '../children.ts'
import type { BenchOptions } from '../options.ts'
import { registerProvider } from '../register.ts'

export const providers = 100
export const offeringsEach = 25
export const plansEach = 2
const peopleCount = 50
const agencies = 10
const ordersEach = 6

/** A person who clicks. */
export interface Clicker {
  readonly cookie: string
  /** Of orders of the own agency. */
  readonly orders: readonly string[]
}

export interface ConsoleStage {
  readonly kontor: Server
  readonly postgresPid: number
  readonly providers: Server
  readonly folder: string
  readonly query: Query
  readonly clickers: readonly Clicker[]
  /** Names of offerings. */
  readonly offerings: readonly string[]
  close(): Promise<void>
}

export function openConsoleStage(options: BenchOptions): Promise<ConsoleStage> {
  return buildStage<Omit<ConsoleStage, 'close'>>(async (base) => {
    const people = Array.from({ length: peopleCount }, (_, index) => personOf(index))
    const issuer = await startDemoIssuer({ port: 0, people })
    base.onClose(() => issuer.stop())
    const teardown = (close: () => unknown) => base.onClose(async () => close())
    const oidcFile = await writeOidcFile({ teardown }, issuer.settings)
    const server = await base.serve('listings', { offerings: offeringsEach })
    const settings = { ...base.settings, KONTOR_OIDC_FILE: oidcFile }
    const logFile = join(base.folder, 'kontor.log')
    const flags = profileFlags(options)
    const kontor = base.keep(await startKontor(options.kontor, settings, logFile, flags))
    issuer.setKontor(kontor.url)
    const { adminToken: token, folder } = base
    const credentials = { username: 'kontor', password: 'bench' }
    for (let number = 1; number <= providers; number++) {
      const url = `${server.url}/${number}`
      await registerProvider(kontor.url, token, { name: `p-${number}`, url, credentials })
    }
    const admin = sureCall(caller(kontor.url, { authorization: `Bearer ${token}` }))
    for (let number = 0; number < agencies; number++) {
      const name = agencyOf(number)
      await admin('POST', '/api/organisations', { name, displayName: name, level: 'kommune' })
    }
    const offerings = await namesOf(kontor, issuer, people)
    const clickers = await Promise.all(
      people.map((person, index) => clickerOf(kontor, issuer, person, offerings, index)),
    )
    return {
      kontor,
      postgresPid: base.postgresPid,
      providers: server,
      folder,
      query: openQuery(base, base.databaseUrl),
      clickers,
      offerings,
    }
  })
}

const agencyOf = (index: number) => `agency-${index % agencies}`

function personOf(index: number): DemoPerson {
  const subject = `person-${index}`
  return {
    subject,
    name: `Person ${index}`,
    email: `${subject}@kontor.example`,
    place: agencyOf(index),
    part: { de: 'arbeitet', en: 'works' },
    roles: ['agency'],
    organisations: [agencyOf(index)],
    providers: [],
  }
}

function callOf(kontor: Server, issuer: DemoIssuer, person: DemoPerson): Call {
  return sureCall(caller(kontor.url, { authorization: `Bearer ${issuer.tokenOf(person)}` }))
}

function sureCall(call: Call): Call {
  return async (method, path, body) => {
    const reply = await call(method, path, body)
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.text}`)
    return reply
  }
}

/** Waits until all is published. */
async function namesOf(
  kontor: Server,
  issuer: DemoIssuer,
  [person]: readonly DemoPerson[],
): Promise<string[]> {
  if (person === undefined) throw new Error('There are no people.')
  const call = callOf(kontor, issuer, person)
  const names: string[] = []
  for (let retries = 0; retries < 200; retries++) {
    const { body } = await call('GET', '/api/catalog?limit=100')
    names.splice(0, Infinity, ...body.items.map(({ name }: { name: string }) => name))
    if (body.total === providers * offeringsEach) return names
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error('Kontor does not publish the catalog.')
}

/** Signs a person in, who then orders. */
async function clickerOf(
  kontor: Server,
  issuer: DemoIssuer,
  person: DemoPerson,
  offerings: readonly string[],
  index: number,
): Promise<Clicker> {
  const { cookie } = await signInAt(kontor.url, issuer)(person)
  const call = callOf(kontor, issuer, person)
  const orders: string[] = []
  for (let number = 0; number < ordersEach; number++) {
    const { body } = await call('POST', '/api/orders', {
      organisation: agencyOf(index),
      offering: offerings[(index * ordersEach + number) % offerings.length],
      plan: 'small',
      instanceName: `Service ${number}`,
      purpose: 'To be looked at.',
      protectionNeed: 'normal',
      parameters: { users: 5 },
    })
    await call('POST', `/api/orders/${body.number}/submit`, {})
    orders.push(body.number as string)
  }
  return { cookie, orders }
}

/** Reads an answer to its last byte. @throws Error for another status than 200 */
export async function getPage(url: string, cookie: string): Promise<{ text: string; ms: number }> {
  const began = performance.now()
  const { statusCode, body } = await request(url, {
    headers: { cookie, accept: 'text/html', 'accept-language': 'de' },
  })
  const text = await body.text()
  const ms = performance.now() - began
  if (statusCode !== 200) throw new Error(`${url}: ${statusCode} ${text.slice(0, 300)}`)
  return { text, ms }
}
