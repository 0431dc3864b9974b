import { readFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import { recordedActions } from '../src/audit/actions.ts'

const file = 'docs/audit.md'
const begin = /^<!-- the table: .* -->$/m
const end = '<!-- end of the table -->'

/** The table of docs/audit.md, from src/audit/actions.ts; the text around it is written by hand. */
export async function generateAuditTable(): Promise<{ file: string; text: string }> {
  const text = await readFile(file, 'utf8')
  const [mark] = begin.exec(text) ?? []
  if (mark === undefined || !text.includes(end))
    throw new Error(`${file} lacks the comments between which the table stands.`)
  const all = recordedActions.flatMap<string>(({ actions }) => [...actions])
  const twice = all.find((action, index) => all.indexOf(action) < index)
  if (twice !== undefined) throw new Error(`The action ${twice} stands in two rows.`)
  const rows = recordedActions.map(({ by, actions, of, outcome }) =>
    cells(by === 'a person' ? by : code(by), listed(actions), listed(of), outcome),
  )
  const head = [
    cells('who (`actor`)', 'what (`action`)', 'of (`objectKind`)', '`outcome`'),
    '| --- | --- | --- | --- |',
  ]
  const written = [
    text.slice(0, text.indexOf(mark) + mark.length),
    [...head, ...rows].join('\n'),
    text.slice(text.indexOf(end)),
  ]
  const options = await resolveConfig(file)
  return { file, text: await format(written.join('\n\n'), { ...options, filepath: file }) }
}

const code = (text: string) => `\`${text}\``
const listed = (texts: readonly string[]) => texts.map(code).join(', ')
const cells = (...texts: readonly string[]) => `| ${texts.join(' | ')} |`
