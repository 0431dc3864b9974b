import type { Page } from '../asked.ts'
import { accessibilityPage } from './accessibility-page.ts'
import { accountPage, endOwnSession } from './account-page.ts'
import { catalogPage } from './catalog/catalog-page.ts'
import { compareFile, comparePage } from './catalog/compare-page.ts'
import { offeringPage } from './catalog/offering-page.ts'
import { chooseLanguage } from './choose-language.ts'
import { licencesPage } from './licences-page.ts'
import { registrationsPage } from './registrations/list-page.ts'
import {
  acceptOne,
  refuseOne,
  registrationPage,
  withdrawOne,
} from './registrations/registration-page.ts'
import { agencyPage, joinPage, requestAgency, requestJoin } from './registrations/request-page.ts'
import { signInAtIssuer, signInPage, signInReturn } from './sign-in.ts'
import { signOut } from './sign-out.ts'
import { startPage } from './start-page.ts'

/** Every page and every target of a form, by `METHOD /path`, with the permission that it needs. */
export const pages: Readonly<Record<string, Page>> = {
  'GET /': startPage,
  'GET /accessibility': accessibilityPage,
  'GET /licences': licencesPage,
  'GET /language/:language': chooseLanguage,
  'GET /sign-in': signInPage,
  'GET /sign-in/:issuer': signInAtIssuer,
  'GET /sign-in/return': signInReturn,
  'POST /sign-out': signOut,
  'GET /catalog': catalogPage,
  'GET /catalog/compare': comparePage,
  'GET /catalog/compare.csv': compareFile,
  'GET /catalog/:offering': offeringPage,
  'GET /account': accountPage,
  'POST /account/sessions/:id/end': endOwnSession,
  'GET /registrations': registrationsPage,
  'GET /registrations/agency': agencyPage,
  'POST /registrations/agency': requestAgency,
  'GET /registrations/join': joinPage,
  'POST /registrations/join': requestJoin,
  'GET /registrations/:id': registrationPage,
  'POST /registrations/:id/accept': acceptOne,
  'POST /registrations/:id/refuse': refuseOne,
  'POST /registrations/:id/withdraw': withdrawOne,
}
