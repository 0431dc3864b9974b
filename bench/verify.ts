import { request } from 'undici'
import { bodyOf, type Target } from './load.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** One answer of a server. @throws Error when its status is not the expected one */
export async function ask(target: Target): Promise<Answer> {
  const path = target.path()
  const sent = bodyOf(target)
  const { statusCode, headers, body } = await request(`${target.url}${path}`, {
    method: target.method,
    headers: { ...target.headers },
    ...(sent === undefined ? {} : { body: sent }),
  })
  const text = await body.text()
  if (statusCode !== target.status)
    throw new Error(
      `${target.url} answered ${statusCode}, not ${target.status}: ${text.slice(0, 500)}`,
    )
  return { status: statusCode, headers, body: text }
}

// Of the rest, Date differs from second to second, and the others are node's own.
const compared = [
  'content-type',
  'content-length',
  'etag',
  'vary',
  'cache-control',
  'last-modified',
  'connection',
  'keep-alive',
]

/** @throws Error unless both servers answer with the same bytes and headers */
export async function assertAlike(ours: Target, theirs: Target): Promise<void> {
  const [a, b] = [await ask(ours), await ask(theirs)]
  if (a.body !== b.body)
    throw new Error(`The answers differ: ${a.body.slice(0, 200)} and ${b.body.slice(0, 200)}`)
  const different = compared.find((name) => a.headers[name] !== b.headers[name])
  if (different === undefined) return
  const [one, other] = [String(a.headers[different]), String(b.headers[different])]
  throw new Error(`The answers differ in ${different}: ${one} and ${other}`)
}
