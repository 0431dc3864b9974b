import { freezeComparison } from '../../../../marketplace/compare/freeze.ts'
import { agencyKeeper } from '../../../auth/roles.ts'
import { readerOf, type Asked } from '../../asked.ts'
import { formPages } from '../../form-page.ts'
import { formOf, textOf } from '../../forms.ts'
import { organisationField } from '../../organisation-field.ts'
import { present } from '../registrations/request-fields.ts'

// A comparison has up to four; more are refused, so they need not be carried along.
const maxPlans = 5

export const [freezePage, freezePlans] = formPages<'create-comparison'>(agencyKeeper, (asked) => {
  const { comparisons: texts } = asked.texts
  const { plans, organisation } = givenOf(asked)
  return {
    path: '/comparisons/new',
    texts: texts.freeze,
    fields: [
      { ...organisationField(asked, texts.organisation), value: organisation },
      { name: 'note', path: '/note', label: texts.note, value: '', isOptional: true },
    ],
    hidden: plans.map((plan) => ['plan', plan] as const),
    schema: 'create-comparison',
    bodyOf: (form) =>
      present({
        organisation: textOf(form, 'organisation') || undefined,
        note: textOf(form, 'note') || undefined,
        plans,
      }),
    submit: async (body, id) =>
      `/comparisons/${await freezeComparison(asked.deps, readerOf(asked).caller, body, id)}`,
  }
})

/** The plans of the link that leads here, or of the form. */
function givenOf(asked: Asked): { plans: readonly string[]; organisation: string } {
  const { request } = asked
  const form =
    request.method === 'GET' ? (request.query as ReturnType<typeof formOf>) : formOf(asked)
  const plans = [form['plan'] ?? []].flat().slice(0, maxPlans)
  return { plans, organisation: textOf(form, 'organisation') }
}
