// Counts in TAP 14 what a person calls a test: each `t.test` that holds no further ones, or a file
// that has none.

export type Count = { passed: number; failed: number; skipped: number }
type Node = { passed: number; failed: number; skipped: number; points: number; ok?: boolean }

const point = /^((?: {4})*)(ok|not ok)\b[^#]*(?:#\s*(SKIP|TODO|time)\b.*?)?(\{)?$/i

/** @param tap the whole output; what a test printed between the lines of TAP is passed over */
export function countTests(tap: string): Count {
  const open: Node[] = [newNode()] // [0] is the run, [1] a file, [2] a test in it, ...
  let yamlEnd: string | undefined
  for (const line of tap.split('\n')) {
    if (yamlEnd !== undefined) {
      if (line.trimEnd() === yamlEnd) yamlEnd = undefined
    } else if (/^ *---$/.test(line)) {
      yamlEnd = line.replace('---', '...')
    } else if (/^(?: {4})*# Subtest(?::|$)/.test(line)) {
      open.length = Math.min(open.length, depthOf(line) + 1)
      open.push(newNode())
    } else if (/^(?: {4})*\}$/.test(line)) {
      open.length = Math.min(open.length, depthOf(line) + 2)
      if (open.length === depthOf(line) + 2) close(open)
    } else {
      readPoint(line, open)
    }
  }
  const { passed, failed, skipped } = open[0] ?? newNode()
  return { passed, failed, skipped }
}

function readPoint(line: string, open: Node[]): void {
  const [matched, , word, directive = '', brace] = point.exec(line) ?? []
  if (matched === undefined) return
  const depth = depthOf(line)
  if (brace !== undefined) {
    open.push({ ...newNode(), ok: word === 'ok' })
    return
  }
  const isSkipped = /skip|todo/i.test(directive)
  if (open.length >= depth + 2) {
    // it closes the subtest opened at this depth; deeper ones were cut off
    open.length = depth + 2
    const node = open[depth + 1]
    if (node === undefined) return
    node.ok = word === 'ok'
    if (isSkipped && node.points === 0) node.ok = true
    close(open)
    return
  }
  const parent = open.at(-1)
  if (parent === undefined) return
  if (isSkipped)
    parent.skipped++ // a test that is skipped has no lines of its own
  else if (depth === 0 && word !== 'ok') parent.failed++
  else parent.points++
}

function close(open: Node[]): void {
  const node = open.pop()
  const parent = open.at(-1)
  if (node === undefined || parent === undefined) return
  const inner = node.passed + node.failed + node.skipped
  parent.passed += node.passed
  parent.failed += node.failed
  parent.skipped += node.skipped
  // A leaf counts itself; a group or file only if it failed for a reason of its own, such as a
  // crash.
  if (node.ok === false && node.failed === 0) parent.failed++
  else if (node.ok === true && inner === 0 && (node.points > 0 || open.length > 1)) parent.passed++
}

function newNode(): Node {
  return { passed: 0, failed: 0, skipped: 0, points: 0 }
}

function depthOf(line: string): number {
  return Math.floor((line.length - line.trimStart().length) / 4)
}
