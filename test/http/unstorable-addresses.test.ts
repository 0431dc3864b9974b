// Text that the database cannot store, in every path and every filter of the management API.
import t from 'tap'
import { apiPermissions } from '../../src/http/api/scope.ts'
import { startIssuer } from '../support/issuer.ts'
import { caller, startKontor } from '../support/kontor.ts'
import { writeOidcFile } from '../support/oidc-file.ts'
import { sampleOf } from '../support/sample.ts'

type Part = Readonly<Record<string, unknown>>
interface Operation {
  readonly parameters?: ReadonlyArray<{
    in: string
    name: string
    required?: boolean
    schema: Part
  }>
  readonly requestBody?: { content: Record<string, { schema: Part }> }
}

const issuer = await startIssuer(t)
const trust = { issuer: issuer.url, audience: 'kontor' }
const kontor = await startKontor(t, {
  worker: false,
  environment: { KONTOR_OIDC_FILE: await writeOidcFile(t, trust) },
})
// What is for people is for no admin token.
const person = caller(kontor.url, { authorization: `Bearer ${await issuer.sign()}` })
const callOf = (key: string) =>
  apiPermissions[key]?.includes('operator') === true ? kontor.admin : person
const document = (await kontor.admin('GET', '/openapi.json')).body as {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Part> }
}
const routes = Object.keys(apiPermissions).map((key) => {
  const [method = '', url = ''] = key.split(' ')
  return {
    key,
    method,
    url,
    operation: document.paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()] ?? {},
  }
})
const bodyOf = ({ requestBody }: Operation) => {
  const schema = requestBody?.content['application/json']?.schema
  return schema === undefined ? undefined : sampleOf(schema, document.components.schemas)
}
const filled = (url: string, operation: Operation, more: Record<string, string>) => {
  const given: Record<string, string> = { kind: 'k8s_namespace', externalId: 'x', ...more }
  const needed = (operation.parameters ?? [])
    .filter((each) => each.in === 'query' && each.required === true)
    .map(({ name, schema }) => `${name}=${String(sampleOf(schema, document.components.schemas))}`)
  return {
    path: url.replaceAll(/:(\w+)/g, (_, name: string) => given[name] ?? 'first'),
    query: needed,
  }
}

t.test('a path with such text answers 404', async (t) => {
  for (const { key, method, url, operation } of routes) {
    for (const [, name = ''] of url.matchAll(/:(\w+)/g)) {
      for (const text of ['%00', 'a%00b']) {
        const { path, query } = filled(url, operation, { [name]: text })
        const reply = await callOf(key)(method, `${path}?${query.join('&')}`, bodyOf(operation))
        t.ok(
          [400, 404].includes(reply.status),
          `${key} with ${name}=${text} is ${reply.status}: ${reply.text}`,
        )
        t.match(reply.headers['content-type'], /^application\/problem\+json/)
      }
    }
  }
  t.match(await kontor.admin('GET', '/api/platforms/%00'), {
    status: 404,
    body: { detail: 'There is nothing at this address.' },
  })
})

t.test('a filter with such text answers 400', async (t) => {
  for (const { key, url, operation } of routes.filter(({ method }) => method === 'GET')) {
    const filters = (operation.parameters ?? [])
      .filter((each) => each.in === 'query')
      .map(({ name }) => name)
    for (const name of [...filters, 'unheard-of']) {
      const { path, query } = filled(url, operation, {})
      const reply = await callOf(key)(
        'GET',
        `${path}?${[...query.filter((each) => !each.startsWith(`${name}=`)), `${name}=%00`].join('&')}`,
      )
      t.match(
        reply,
        {
          status: 400,
          headers: { 'content-type': /^application\/problem\+json/ },
          body: { detail: new RegExp(name) },
        },
        `${key} with ${name}: ${reply.text}`,
      )
    }
  }
  t.match(await kontor.admin('GET', '/api/platforms?organisation=a%00b'), {
    status: 400,
    body: { detail: 'The query parameter organisation must not hold the character U+0000.' },
  })
})
