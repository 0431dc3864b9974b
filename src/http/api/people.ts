import type { FastifyInstance } from 'fastify'
import { changeMe, describeMe } from '../../people/me.ts'
import type { PeopleDeps } from '../../people/find-or-create.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { UpdateMe } from '../../types.gen.ts'
import { signedInOf } from '../auth/signed-in.ts'
import { json, problem, ref, route, tooLarge } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { person } from '../auth/roles.ts'

export interface PeopleRouteDeps extends PeopleDeps {
  readonly directory: Pick<Directory, 'organisation'>
}

/** The person who asks. */
export const people: Noun<PeopleRouteDeps> = {
  tag: {
    name: 'People',
    description: 'The person who asks.',
  },
  permissions: {
    'GET /api/people/me': person,
    'PATCH /api/people/me': person,
  },
  addRoutes,
}

const changedPast = { 409: problem('The row of the person was changed past Kontor.') }

const describe = {
  read: route(
    'getMe',
    'Get the person who asks, with the roles of that person',
    {},
    { 200: json('The person.', 'me'), ...changedPast },
  ),
  change: route(
    'changeMe',
    'Change the language of the person who asks',
    { body: ref('update-me') },
    { 200: json('Changed.', 'me'), ...changedPast, ...tooLarge },
  ),
} as const

async function addRoutes(app: FastifyInstance, deps: PeopleRouteDeps): Promise<void> {
  app.get('/people/me', describe.read, async (request) =>
    describeMe(deps.directory, signedInOf(request)),
  )

  app.patch<{ Body: UpdateMe }>('/people/me', describe.change, async (request) => {
    const signedIn = signedInOf(request)
    const changed = await changeMe(deps, signedIn, request.body)
    return describeMe(deps.directory, { ...signedIn, person: changed })
  })
}
