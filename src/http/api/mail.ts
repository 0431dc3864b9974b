import type { FastifyInstance } from 'fastify'
import type { Db } from '../../db/database.ts'
import type { MailKind, MailState } from '../../mail/mail.ts'
import { describeMail, listMails } from '../../mail/read.ts'
import { retryMail } from '../../mail/retry.ts'
import { callerOf } from '../auth/caller.ts'
import { operator } from '../auth/roles.ts'
import { idOf, json, page, pagedQuery, problem, ref, route } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { pageOf, type Paging } from './paging.ts'

interface MailDeps {
  readonly db: Db
  readonly now: () => Date
}

/** Mails to people: which wait, and why some were not sent. */
export const mail: Noun<MailDeps> = {
  tag: {
    name: 'Mail',
    description: 'Mails to people: which wait, and why some were not sent.',
  },
  permissions: {
    'GET /api/mail': operator,
    'GET /api/mail/:id': operator,
    'POST /api/mail/:id/retry': operator,
  },
  addRoutes,
}

const noMail = { 404: problem('There is no such mail.') }

const describe = {
  list: route(
    'listMail',
    'List the mails of the last 30 days, newest first, without addresses and texts',
    pagedQuery({ state: ref('mail-state'), kind: ref('mail-kind') }),
    { 200: page('A page of mails.', 'mail') },
  ),
  read: route(
    'getMail',
    'Get a mail, without its address and its text',
    { params: idOf('mail') },
    { 200: json('The mail.', 'mail'), ...noMail },
  ),
  retry: route(
    'retryMail',
    'Send a mail now that waits or was given up',
    { params: idOf('mail') },
    {
      200: json('Kontor sends it as soon as it can.', 'mail'),
      ...noMail,
      409: problem('The mail was sent or dropped already.'),
    },
  ),
} as const

interface ById {
  id: string
}

interface Filters extends Paging {
  state?: MailState
  kind?: MailKind
}

async function addRoutes(app: FastifyInstance, deps: MailDeps): Promise<void> {
  app.get<{ Querystring: Filters }>('/mail', describe.list, async (request) => {
    const { limit, cursor, state, kind } = request.query
    const page = pageOf({ limit, cursor })
    return listMails(deps.db, { state, kind, before: page.before }, page.limit)
  })

  app.get<{ Params: ById }>('/mail/:id', describe.read, async (request) =>
    describeMail(deps.db, request.params.id),
  )

  app.post<{ Params: ById }>('/mail/:id/retry', describe.retry, async (request) => {
    const { id } = request.params
    await retryMail(deps, callerOf(request).actor, id)
    return describeMail(deps.db, id)
  })
}
