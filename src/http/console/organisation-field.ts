import type { Organisation } from '../../tenancy/organisation.ts'
import { readerOf, type Asked } from './asked.ts'
import { inputPart, selectPart } from './fields-part.ts'
import type { FieldOf } from './form-page.ts'

const maxChoices = 200

/** Organisations of the reader that are not retired; none for those who see all. */
export function ownOrganisations(asked: Asked): readonly Organisation[] {
  const { scope } = readerOf(asked).caller
  const ids = scope === 'all' ? [] : scope.organisations
  return ids
    .flatMap((id) => asked.deps.directory.organisation(id) ?? [])
    .filter(({ state }) => state !== 'retired')
}

interface OrganisationChoice {
  readonly label: string
  readonly organisations: readonly Organisation[]
  /** Its name. */
  readonly chosen?: string | undefined
  /** What the list calls the choice of none; undefined: one has to be chosen. */
  readonly all?: string
}

const none: ReadonlySet<string> = new Set()

/** The field `organisation`: a list of these, or for more than 200 a field for the name. */
export function organisationPart(
  { texts: { form } }: Asked,
  { label, organisations, chosen = '', all }: OrganisationChoice,
): string {
  const field = { name: 'organisation', label, value: chosen }
  if (organisations.length > maxChoices) return inputPart(form, field, none)
  const choices = organisations.map(({ name, displayName }) => ({
    value: name,
    label: displayName,
  }))
  const first = all === undefined ? [] : [{ value: '', label: all }]
  return selectPart(form, field, [...first, ...choices], none)
}

/** A list of one's own to choose from; for more than 200, or for all, a field for the name. */
export function organisationField(asked: Asked, label: string): FieldOf {
  const own = ownOrganisations(asked)
  const choices = own.map(({ name, displayName }) => ({ value: name, label: displayName }))
  const field = { name: 'organisation', path: '/organisation', label, value: '' }
  return choices.length === 0 || choices.length > maxChoices ? field : { ...field, choices }
}
