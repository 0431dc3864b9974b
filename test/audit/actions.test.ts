import { readFile } from 'node:fs/promises'
import t from 'tap'
import { auditActions } from '../../src/audit/actions.ts'

t.test('the table of docs/audit.md names every action, and no other', async (t) => {
  const text = await readFile(new URL('../../docs/audit.md', import.meta.url), 'utf8')
  const cells = Array.from(
    text.matchAll(/^\| (?:a person|`[^`]+`) +\| ([^|]+) \|/gm),
    ([, cell = '']) => cell,
  )
  const documented = new Set(
    cells.flatMap((cell) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, action = '']) => action)),
  )
  t.strictSame(Array.from(documented).sort(), auditActions.toSorted())
})
