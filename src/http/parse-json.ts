import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { BrokerError } from '../errors.ts'

/**
 * Reads every body as JSON. OSB 2.17 lets a body come without Content-Type; one of another type is refused with 400,
 * not 415.
 */
export function parseAnyJson (app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    if (type !== undefined && type !== '' && type !== 'application/json' && !type.endsWith('+json')) {
      done(new BrokerError('invalid_request', 'Content-Type must be application/json.'))
      return
    }
    // A DELETE may carry Content-Type and no body.
    if (body.length === 0) { done(null, undefined); return }
    if (!isUtf8(body)) { done(new BrokerError('invalid_request', 'The request body is not UTF-8.')); return }
    void parse(request, body.toString(), (error, value: unknown) => {
      const objection = error === null ? objectionTo(value) : undefined
      done(objection === undefined ? error : new BrokerError('invalid_request', objection), value)
    })
  })
}

// Deeper than any order, and far from where parsers and Postgres itself give up.
const mostLevels = 200

/** Why a value could not be kept or passed on as it came: Postgres has no U+0000, UTF-8 no half of a surrogate pair. */
function objectionTo (value: unknown, level = 0): string | undefined {
  if (typeof value === 'string') return objectionToText(value, 'The request body')
  // JSON has no limit on numbers; one beyond ours would silently become null.
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'The request body holds a number that is too large.'
  if (value === null || typeof value !== 'object') return undefined
  if (level >= mostLevels) return `The request body is nested more than ${mostLevels} levels deep.`
  for (const [key, part] of Object.entries(value)) {
    const objection = objectionToText(key, 'The request body') ?? objectionTo(part, level + 1)
    if (objection !== undefined) return objection
  }
  return undefined
}

/** @param whole  begins the sentence */
export function objectionToText (text: string, whole: string): string | undefined {
  if (text.includes('\0')) return `${whole} must not hold the character U+0000.`
  return text.isWellFormed() ? undefined : `${whole} must not hold half of a character (an unpaired surrogate).`
}
