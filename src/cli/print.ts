/** Rows below each other in aligned columns, the first row being the heads. */
export function table(rows: ReadonlyArray<readonly string[]>): string {
  const clean = rows.map((row) => row.map(plain))
  const widths =
    clean[0]?.map((_, column) => Math.max(...clean.map((row) => row[column]?.length ?? 0))) ?? []
  return clean
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What platforms and providers sent must not steer the terminal. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}

/** Fields of one thing, those that have no value left out. */
export function fields(
  values: Readonly<Record<string, string | number | null | undefined>>,
): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[`${name}:`, String(value)]],
  )
  return table(given)
}

/** A page's end: how to see more. */
export function moreHint(next: string | null): string {
  return next === null ? '' : `\n\nThere are more: --cursor ${next}`
}
