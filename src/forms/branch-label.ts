import { flatten } from './flatten.ts'
import { stringsOf, subschemas, type Schema, type Work } from './json-schema.ts'
import { shapeOf } from './shape.ts'
import { labelOf, optionLabel, titleOf, type Words } from './words.ts'

/** What people call a branch: its title, the value that sets it apart, or what it demands. */
export function branchLabel(work: Work, branch: Schema, index: number): Words {
  const schema = flatten(work, branch)?.schema ?? {}
  const title = titleOf(schema)
  if (title !== undefined) return title
  const properties = subschemas(schema, 'properties')
  for (const [, part] of properties) {
    const shape = shapeOf(work, part)
    if (shape.kind === 'const') return optionLabel(shape.value, shape.flat.schema)
  }
  const names = [...stringsOf(schema['required']), ...properties.map(([key]) => key)]
  const [first] = names
  if (first === undefined) return { de: `Möglichkeit ${index + 1}`, en: `Option ${index + 1}` }
  const known = properties.find(([key]) => key === first)
  return labelOf(known?.[1] ?? {}, `/${first.replaceAll('~', '~0').replaceAll('/', '~1')}`)
}
