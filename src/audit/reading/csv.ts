/**
 * One record as RFC 4180 wants it. A cell that a spreadsheet would take for a formula gets an apostrophe before it: what
 * platforms name their instances must not run on an auditor's machine.
 */
export function csvRecord(cells: ReadonlyArray<string | number | null>): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

function cellOf(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
