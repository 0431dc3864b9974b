// An HTTP answer, read: its JSON, its description made fit for users, Retry-After in seconds.
import type { ValidateFunction } from 'ajv'
import { nullDropper } from '../../drop-nulls.ts'
import { validateValue } from '../../storable.ts'
import { describeError, validatorOf } from '../../schemas.ts'
import type { AllSchemas } from '../../types.gen.ts'
import { withoutInvisible } from '../../visible-text.ts'
import { parseAnswer, type JsonObject } from '../parse-object.ts'
import type { Answer } from './exchange.ts'

export interface Reply {
  readonly status: number
  /** The body, if it is a JSON object. */
  readonly body?: JsonObject
  /** Why there is no `body`. */
  readonly problem?: string
  /** `error` of an OSB error body. */
  readonly errorCode?: string
  /** The same, cleaned as the description. */
  readonly errorWord?: string
  /** The provider's description, cleaned; absent if there is nothing that can be shown. */
  readonly description?: string
  readonly instanceUsable?: boolean
  readonly updateRepeatable?: boolean
  readonly retryAfterSeconds?: number
}

/** @param more  further secrets that may be in this text */
export type Cleaner = (text: string, more?: readonly string[]) => string | undefined

const dayInSeconds = 86400

export function readReply(answer: Answer, clean: Cleaner): Reply {
  const { status } = answer
  const retryAfterSeconds = 'retry-after' in answer.headers ? retryAfter(answer) : undefined
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  const parsed = parseAnswer(answer.body)
  if (typeof parsed === 'string') return { status, problem: parsed, ...wait }
  const { error, description, instance_usable: usable, update_repeatable: repeatable } = parsed
  const sentence =
    typeof description === 'string' ? clean(description, answer.sentTokens) : undefined
  const word = typeof error === 'string' ? clean(error, answer.sentTokens) : undefined
  return {
    status,
    body: parsed,
    ...wait,
    ...(word === undefined ? {} : { errorWord: word }),
    ...(typeof error === 'string' ? { errorCode: error } : {}),
    ...(sentence === undefined ? {} : { description: sentence }),
    ...(typeof usable === 'boolean' ? { instanceUsable: usable } : {}),
    ...(typeof repeatable === 'boolean' ? { updateRepeatable: repeatable } : {}),
  }
}

/** Both forms of RFC 9110. A date counts from the answer's own Date header: clocks differ. */
function retryAfter({ headers, receivedAtMs }: Answer): number | undefined {
  const text = headerOf(headers, 'retry-after')?.trim()
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text), dayInSeconds)
  const at = Date.parse(text)
  if (Number.isNaN(at) || !/[a-z]/i.test(text)) return undefined
  const sentAt = Date.parse(headerOf(headers, 'date') ?? '')
  const waitMs = at - (Number.isNaN(sentAt) ? receivedAtMs : sentAt)
  return Math.min(Math.max(Math.ceil(waitMs / 1000), 0), dayInSeconds)
}

/** The first line of a header. */
export function headerOf(headers: Answer['headers'], name: string): string | undefined {
  const lines = headers[name]
  return typeof lines === 'string' ? lines : lines?.[0]
}

/** All lines of a header; those of a list header form one list (RFC 9110, section 5.3). */
export function linesOf(headers: Answer['headers'], name: string): readonly string[] {
  return [headers[name] ?? []].flat()
}

/**
 * DEC-46: no control or invisible characters, at most 255 characters, no stack trace, address or
 * credential.
 * @param urls        their hosts are not shown
 * @param secretsNow  the secrets at the time of the answer
 */
export function cleanerFor(urls: readonly string[], secretsNow: () => readonly string[]): Cleaner {
  // A host without a dot may be an ordinary word, and a short secret part of one.
  const hosts = urls.map((url) => new URL(url).hostname).filter((host) => host.includes('.'))
  return (text, more = []) => {
    // A sentence that repeats a secret is dropped whole: it may hold other forms of it.
    for (const secret of [...secretsNow(), ...more])
      if (secret.length >= 6 && text.includes(secret)) return undefined
    let visible = withoutInvisible(text.slice(0, 4000))
    for (const host of hosts) visible = visible.replaceAll(host, '[address]')
    const sentence = visible
      .split(/\n\s*at |Traceback \(most recent/, 1)
      .join('')
      .replaceAll(/\b[a-z][a-z0-9+.-]{1,20}:\/\/\S+/gi, '[address]')
      .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '[address]')
      .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
      .trim()
    return sentence === '' ? undefined : Array.from(sentence.toWellFormed()).slice(0, 255).join('')
  }
}

type BodySchema =
  | 'provision-response'
  | 'bind-response'
  | 'delete-response'
  | 'last-operation-response'
  | 'instance-response'

/** What is wrong with an answer, naming the field: the end of a sentence. */
export class Malformed {
  readonly problem: string

  constructor(problem: string) {
    // Names of fields are the provider's text.
    this.problem = problem
      .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
      .slice(0, 200)
      .toWellFormed()
      .replace(/\.$/, '')
  }
}

interface Checks {
  readonly validate: ValidateFunction
  readonly withoutNulls: ReturnType<typeof nullDropper>
}

// Compiled on first use.
const checksOf = new Map<BodySchema, Checks>()

function prepareChecks(name: BodySchema): Checks {
  const checks = { validate: validatorOf(name), withoutNulls: nullDropper(name) }
  checksOf.set(name, checks)
  return checks
}

/** The body with the type of its schema, without nulls, or what is wrong with it. */
export function bodyAs<Name extends BodySchema>(
  name: Name,
  reply: Reply,
): NonNullable<AllSchemas[Name]> | Malformed {
  if (reply.body === undefined) return new Malformed(reply.problem ?? 'the answer is not JSON')
  // A binding is sealed as a whole, so it may hold any text; everything else goes into columns.
  const unstorable = name === 'bind-response' ? undefined : validateValue(reply.body, 'the answer')
  if (unstorable !== undefined) return new Malformed(unstorable)
  const { validate, withoutNulls } = checksOf.get(name) ?? prepareChecks(name)
  const { value } = withoutNulls(reply.body)
  if (validate(value)) return value as NonNullable<AllSchemas[Name]>
  const [error] = validate.errors ?? []
  const problem =
    error?.keyword === 'pattern'
      ? `${error.instancePath.slice(1).replaceAll('/', '.')} has another form`
      : describeError(error, 'the answer')
  return new Malformed(`the answer breaks the specification: ${problem}`)
}
