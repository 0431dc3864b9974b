// Known secrets in every encoding, and a search for them where they must not occur.
import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** A unique secret, with characters that each encoding writes differently. */
export function newMarker(): string {
  return `mk"${randomBytes(9).toString('hex')}/ü+?`
}

/** A unique secret that a header can hold. */
export function newPlainMarker(): string {
  return `mk${randomBytes(12).toString('hex')}`
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const json = JSON.stringify(secret).slice(1, -1)
  return [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(secret),
    encodeURI(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    bytes.toString('hex'),
    secret.replaceAll('ü', '\\u00fc'),
    bytes.toString('latin1'),
    // Inside a longer text Base64 starts at one of three offsets; the characters at both ends
    // depend on the neighbouring bytes, so they are cut off.
    ...[0, 1, 2].flatMap((shift) => {
      const long = Buffer.concat([Buffer.alloc(shift), bytes])
      const inner = long
        .toString('base64')
        .slice(shift === 0 ? 0 : 4, Math.floor(long.length / 3) * 4)
      return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
    }),
  ]
}

/** The names of the secrets in a text, in whatever encoding. */
export function found(text: string, secrets: Readonly<Record<string, string>>): string[] {
  const lower = text.toLowerCase()
  // Hex and percent-encoding are written in either case.
  return Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).some((form) => lower.includes(form.toLowerCase())) ? [name] : [],
  )
}

/** All rows of all tables as text: a line for each row, with its table; bytes as hex. */
export async function dumpDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    )
    const parts: string[] = []
    for (const { name } of tables) {
      const { rows } = await client.query<{ line: string }>(
        `select row_to_json(each)::text as line from ${name} as each`,
      )
      parts.push(...rows.map(({ line }) => `${name} ${line}`))
    }
    return parts.join('\n')
  } finally {
    await client.end()
  }
}
