import { BrokerError } from '../../../errors.ts'
import { setCookie } from '../cookies.ts'
import { isLanguage, languageCookie } from '../language.ts'
import { localPath } from '../local-path.ts'
import type { Page } from '../asked.ts'

const yearSeconds = 365 * 24 * 3_600

/** Keeps the language that a person chose, and leads back to where the link was. */
export const chooseLanguage: Page = {
  permission: 'public',
  answer({ deps, request, reply }) {
    const { language } = request.params as { language: string }
    if (!isLanguage(language))
      throw new BrokerError('not_found', 'There is nothing at this address.')
    setCookie(reply, languageCookie, language, {
      maxAgeSeconds: yearSeconds,
      secure: deps.isSecure,
    })
    return { redirect: localPath((request.query as { return?: unknown }).return) }
  },
}
