import type { Asked } from '../../asked.ts'
import type { Choice } from '../../fields-part.ts'
import type { FieldOf } from '../../form-page.ts'
import { textOf, type Form } from '../../forms.ts'
import { readerOf } from '../../asked.ts'

export function agencyFields(asked: Asked): readonly FieldOf[] {
  const { agency: texts, levels } = asked.texts.registrations
  const { name, email } = readerOf(asked).person
  const field = (key: string, label: string, more: Partial<FieldOf> = {}): FieldOf => ({
    name: key,
    path: `/agency/${key}`,
    label,
    value: '',
    ...more,
  })
  const contact = (key: string, label: string, more: Partial<FieldOf>): FieldOf =>
    field(`contact-${key}`, label, { path: `/agency/contact/${key}`, ...more })
  return [
    field('displayName', texts.displayName, { autocomplete: 'organization' }),
    field('name', texts.name, { hint: texts.nameHint }),
    field('level', texts.level, { value: 'kommune', choices: choicesOf(levels) }),
    field('leitwegId', texts.leitwegId, { hint: texts.leitwegIdHint, isOptional: true }),
    field('parent', texts.parent, { isOptional: true }),
    contact('name', texts.contactName, { value: name ?? '', autocomplete: 'name' }),
    contact('email', texts.contactEmail, {
      value: email ?? '',
      type: 'email',
      autocomplete: 'email',
    }),
    contact('phone', texts.contactPhone, { type: 'tel', isOptional: true, autocomplete: 'tel' }),
  ]
}

export function agencyOf(form: Form): Record<string, unknown> {
  const text = (name: string) => textOf(form, name) || undefined
  return {
    agency: present({
      name: text('name'),
      displayName: text('displayName'),
      level: text('level'),
      leitwegId: text('leitwegId'),
      parent: text('parent'),
      contact: present({
        name: text('contact-name'),
        email: text('contact-email'),
        phone: text('contact-phone'),
      }),
    }),
  }
}

export function joinFields({ texts: { registrations } }: Asked): readonly FieldOf[] {
  const { join: texts, roles } = registrations
  return [
    { name: 'organisation', path: '/join/organisation', label: texts.organisation, value: '' },
    {
      name: 'role',
      path: '/join/role',
      label: texts.role,
      value: 'orderer',
      choices: choicesOf(roles),
    },
    { name: 'message', path: '/join/message', label: texts.message, value: '', isOptional: true },
  ]
}

export function joinOf(form: Form): Record<string, unknown> {
  const text = (name: string) => textOf(form, name) || undefined
  return {
    join: present({
      organisation: text('organisation'),
      role: text('role'),
      message: text('message'),
    }),
  }
}

export function choicesOf(labels: Readonly<Record<string, string>>): Choice[] {
  return Object.entries(labels).map(([value, label]) => ({ value, label }))
}

/** A body without the fields that were left empty. */
export function present(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
