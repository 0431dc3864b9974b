import type { Field } from './form.ts'

/**
 * What a button of a form has changed: the row that was added, else the part around it.
 * @param pressed  the name of the button
 * @returns a pointer; undefined for a button that changes no part
 */
export function changedPart(root: Field, pressed: string): string | undefined {
  const [, word, pointer = ''] = /^(add|remove|drop|refresh):(.*)$/.exec(pressed) ?? []
  if (word === undefined) return undefined
  if (word === 'drop') return pointer.slice(0, pointer.lastIndexOf('/'))
  const field = fieldAt(root, pointer)
  return (word === 'add' && field?.kind === 'rows' && field.rows.at(-1)?.pointer) || pointer
}

function fieldAt(field: Field, pointer: string): Field | undefined {
  if (field.pointer === pointer) return field
  const inner = field.kind === 'group' ? field.fields : field.kind === 'rows' ? field.rows : []
  return inner.map((each) => fieldAt(each, pointer)).find((found) => found !== undefined)
}
