import type { Organisation } from '../../tenancy/organisation.ts'
import { readerOf, type Asked } from './asked.ts'
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

/** A list of one's own to choose from; for more than 200, or for all, a field for the name. */
export function organisationField(asked: Asked, label: string): FieldOf {
  const own = ownOrganisations(asked)
  const choices = own.map(({ name, displayName }) => ({ value: name, label: displayName }))
  const field = { name: 'organisation', path: '/organisation', label, value: '' }
  return choices.length === 0 || choices.length > maxChoices ? field : { ...field, choices }
}
