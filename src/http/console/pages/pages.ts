import type { Page } from '../asked.ts'
import { accessibilityPage } from './accessibility-page.ts'
import { chooseLanguage } from './choose-language.ts'
import { licencesPage } from './licences-page.ts'
import { startPage } from './start-page.ts'

/** Every page and every target of a form, by `METHOD /path`, with the permission that it needs. */
export const pages: Readonly<Record<string, Page>> = {
  'GET /': startPage,
  'GET /accessibility': accessibilityPage,
  'GET /licences': licencesPage,
  'GET /language/:language': chooseLanguage,
}
