import { requestRegistration } from '../../../../people/registrations/request.ts'
import { readerOf, type Asked } from '../../asked.ts'
import { formPages, type FormPage } from '../../form-page.ts'
import { agencyFields, agencyOf, joinFields, joinOf } from './request-fields.ts'

const requestOf = (asked: Asked): Pick<FormPage<'create-registration'>, 'schema' | 'submit'> => ({
  schema: 'create-registration',
  submit: async (body, id) =>
    `/registrations/${await requestRegistration(asked.deps, readerOf(asked), body, id)}`,
})

export const [agencyPage, requestAgency] = formPages(['person'], (asked) => ({
  ...requestOf(asked),
  path: '/registrations/agency',
  texts: asked.texts.registrations.agency,
  fields: agencyFields(asked),
  bodyOf: agencyOf,
}))

export const [joinPage, requestJoin] = formPages(['person'], (asked) => ({
  ...requestOf(asked),
  path: '/registrations/join',
  texts: asked.texts.registrations.join,
  fields: joinFields(asked),
  bodyOf: joinOf,
}))
