import { BrokerError } from '../../../../errors.ts'
import { issueToken } from '../../../../people/tokens/issue.ts'
import { describeToken } from '../../../../people/tokens/read.ts'
import type { CreateToken } from '../../../../types.gen.ts'
import { readerOf, type Asked } from '../../asked.ts'
import { formPages, type FieldOf } from '../../form-page.ts'
import { textOf } from '../../forms.ts'
import { choicesOf, present } from '../registrations/request-fields.ts'
import { keepIssued } from './issued-token.ts'

export const [newTokenPage, createToken] = formPages<'create-token'>(['person'], (asked) => ({
  path: '/account/tokens/new',
  texts: asked.texts.tokens.create,
  fields: fieldsOf(asked),
  schema: 'create-token',
  bodyOf(form) {
    const text = (name: string) => textOf(form, name) || undefined
    const list = (name: string) => (text(name) === undefined ? undefined : [text(name)])
    return present({
      name: text('name'),
      access: text('access'),
      expiresInDays: Number(text('expiresInDays')),
      organisations: list('organisation'),
      roles: list('role'),
    })
  },
  async submit(body, id) {
    await issueOnce(asked, body, id)
    return '/account/tokens'
  },
}))

/** A form that is sent twice leads to the list all the same, which shows the text of the first. */
async function issueOnce(asked: Asked, body: CreateToken, id: string): Promise<void> {
  const { deps } = asked
  const reader = readerOf(asked)
  try {
    const { token } = await issueToken(deps, reader, body, id)
    keepIssued(asked, token)
  } catch (error) {
    if (!(error instanceof BrokerError) || error.code !== 'conflict') throw error
    const own = { personId: reader.person.id, administers: [] }
    const isIssued = await describeToken(deps, own, id).then(
      () => true,
      () => false,
    )
    if (!isIssued) throw error
  }
}

function fieldsOf(asked: Asked): readonly FieldOf[] {
  const { tokens, registrations } = asked.texts
  const { name, access, accesses, create } = tokens
  // A token has no role that only claims grant.
  const given = readerOf(asked).roles.filter(({ from }) => from === 'membership')
  const organisations = new Set(given.map(({ organisationId }) => organisationId))
  return [
    { name: 'name', path: '/name', label: name, value: '' },
    { name: 'access', path: '/access', label: access, value: 'read', choices: choicesOf(accesses) },
    {
      name: 'expiresInDays',
      path: '/expiresInDays',
      label: create.days,
      value: '90',
      hint: create.daysHint,
      type: 'number',
    },
    {
      name: 'organisation',
      path: '/organisations/0',
      label: create.organisation,
      value: '',
      choices: [
        { value: '', label: create.allOrganisations },
        ...Array.from(organisations, (id) => ({
          value: id,
          label: asked.deps.directory.organisation(id)?.displayName ?? id,
        })),
      ],
    },
    {
      name: 'role',
      path: '/roles/0',
      label: create.role,
      value: '',
      choices: [{ value: '', label: create.allRoles }, ...choicesOf(registrations.roles)],
    },
  ]
}
