// The fields of an order that are not the plan's parameters.
import type { OrderForm } from '../../../../orders/form.ts'
import type { OrderTerms, UpdateOrder } from '../../../../types.gen.ts'
import type { Asked } from '../../asked.ts'
import {
  areaPart,
  inputPart,
  selectPart,
  type Choice,
  type Field,
  type Wrong,
} from '../../fields-part.ts'
import { textOf, type Form } from '../../forms.ts'
import { ownOrganisations } from '../../organisation-field.ts'

type Texts = Asked['texts']['orders']['form']

export interface OrderField extends Field {
  readonly name: OrderFieldName
  readonly choices?: readonly Choice[]
  readonly isLong?: boolean
}

const names = [
  'instanceName',
  'purpose',
  'costCentre',
  'protectionNeed',
  'beneficiary',
  'invoiceRecipient',
] as const
export type OrderFieldName = (typeof names)[number]

const maxChoices = 200

/** @param form  what was sent; undefined: the order's values */
export function orderFields(
  asked: Asked,
  { order, costCentres }: OrderForm,
  form: Form | undefined,
): readonly OrderField[] {
  const { form: t } = asked.texts.orders
  const { values } = asked.texts.catalog
  const kept: Record<OrderFieldName, string | null> = {
    instanceName: order.instance.name,
    purpose: order.purpose,
    costCentre: order.costCentre,
    protectionNeed: order.protectionNeed,
    beneficiary: order.beneficiary.name,
    invoiceRecipient: order.invoiceRecipient.name,
  }
  const field = (name: OrderFieldName, more: Partial<OrderField> = {}): OrderField => ({
    name,
    label: t[name],
    value: form === undefined ? (kept[name] ?? '') : textOf(form, name),
    ...more,
  })
  const needs = (['normal', 'hoch', 'sehr_hoch'] as const).map((value) => ({
    value,
    label: values[value],
  }))
  const centres = costCentres.map((id) => ({ value: id, label: id }))
  return [
    field('instanceName', { hint: t.instanceNameHint }),
    field('purpose', { hint: t.purposeHint, isLong: true }),
    field('costCentre', {
      isOptional: centres.length === 0,
      ...(centres.length === 0 ? {} : { choices: [chooseFirst(t), ...centres] }),
    }),
    field('protectionNeed', {
      hint: protectionHint(asked, order.terms),
      choices: [chooseFirst(t), ...needs],
    }),
    field('beneficiary', organisationsOf(asked, kept.beneficiary)),
    field('invoiceRecipient', organisationsOf(asked, kept.invoiceRecipient)),
  ]
}

const chooseFirst = ({ choose }: Texts): Choice => ({ value: '', label: choose })

function protectionHint({ texts }: Asked, { protection }: OrderTerms): string {
  const { protectionHint: hint, protectionUnstated } = texts.orders.form
  return protection === null ? protectionUnstated : hint(texts.catalog.values[protection])
}

function organisationsOf(asked: Asked, kept: string | null): { choices?: readonly Choice[] } {
  const own = ownOrganisations(asked)
    .filter(({ state }) => state === 'active')
    .map(({ name, displayName }) => ({ value: name, label: displayName }))
  const isKnown = own.some(({ value }) => value === kept)
  // What stands in the draft must not become another one in silence.
  const choices = isKnown || kept === null ? own : [{ value: kept, label: kept }, ...own]
  return choices.length > maxChoices ? {} : { choices }
}

export function drawField(
  { texts: { form } }: Asked,
  { choices, isLong, ...field }: OrderField,
  wrong: Wrong,
): string {
  if (choices !== undefined) return selectPart(form, field, choices, wrong)
  return isLong === true ? areaPart(form, field, wrong) : inputPart(form, field, wrong)
}

/** What a form says of the order, as the body of a change. */
export function changeOf(form: Form): Record<string, unknown> & UpdateOrder {
  const text = (name: OrderFieldName): string | null => textOf(form, name) || null
  const organisation = (name: OrderFieldName) =>
    textOf(form, name) === '' ? {} : { [name]: textOf(form, name) }
  return {
    instanceName: text('instanceName'),
    purpose: text('purpose'),
    costCentre: text('costCentre'),
    // The schema checks it.
    protectionNeed: text('protectionNeed') as UpdateOrder['protectionNeed'] & (string | null),
    ...organisation('beneficiary'),
    ...organisation('invoiceRecipient'),
  }
}

/** The field that a JSON pointer into an order names; undefined for one of the parameters. */
export function fieldNamed(pointer: string): OrderFieldName | undefined {
  return names.find((name) => pointer === `/${name}`)
}
