import type { FastifyRequest } from 'fastify'
import { readCookie } from './cookies.ts'
import type { Language } from '../../types.gen.ts'

export const languages = ['de', 'en'] as const satisfies readonly Language[]

/** Keeps the choice of a person; without it the browser's preference counts. */
export const languageCookie = 'kontor-language'

export function isLanguage(text: unknown): text is Language {
  return languages.some((each) => each === text)
}

/** What the person chose, else what the browser asks for, else German. */
export function languageOf(request: FastifyRequest): Language {
  const chosen = readCookie(request, languageCookie)
  return isLanguage(chosen) ? chosen : preferredOf(request.headers['accept-language'])
}

/** @param header  Accept-Language (RFC 9110, 12.5.4) */
function preferredOf(header = ''): Language {
  const wanted = header.split(',').map((part) => {
    const [range = '', ...options] = part.trim().toLowerCase().split(';')
    const quality = options.map((each) => /^\s*q=([\d.]+)\s*$/.exec(each)?.[1]).find(Boolean)
    return { language: range.split('-')[0], weight: quality === undefined ? 1 : Number(quality) }
  })
  const [best] = wanted
    .filter(({ language, weight }) => isLanguage(language) && weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
  return isLanguage(best?.language) ? best.language : 'de'
}
