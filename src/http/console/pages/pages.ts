import type { Page } from '../asked.ts'
import { accessibilityPage } from './accessibility-page.ts'
import { accountPage, endOwnSession } from './account-page.ts'
import { changeNotifications } from './notifications-part.ts'
import { bindOne, bindPage } from './bindings/bind-page.ts'
import { bindingPage, rotateOne } from './bindings/binding-page.ts'
import { revealOne } from './bindings/reveal-page.ts'
import { unbindOne, unbindPage } from './bindings/unbind-page.ts'
import { catalogPage } from './catalog/catalog-page.ts'
import { compareFile, comparePage } from './catalog/compare-page.ts'
import { offeringPage } from './catalog/offering-page.ts'
import { chooseLanguage } from './choose-language.ts'
import { comparisonFile, comparisonPage, comparisonsPage } from './comparisons/comparisons-page.ts'
import { freezePage, freezePlans } from './comparisons/freeze-page.ts'
import { bindingsFile, bindingsPage } from './instances/bindings-page.ts'
import { changeLabels, instancePage } from './instances/instance-page.ts'
import { instancesFile, instancesPage } from './instances/instances-page.ts'
import { licencesPage } from './licences-page.ts'
import {
  invitationsPage,
  invitePage,
  invitePerson,
  revokeOne,
  revokePage,
} from './members/invitations-page.ts'
import { changeMember, giveMember, memberPage } from './members/member-page.ts'
import { membersPage } from './members/members-page.ts'
import { leaveOrganisation, leavePage, removeMember, removePage } from './members/remove-page.ts'
import { problemPage, problemsPage } from './problems-page.ts'
import { cancelOne, cancelPage, withdrawOneCancellation } from './orders/cancel-page.ts'
import { certificateFile, certificatePage } from './orders/certificate-page.ts'
import { changeOne, changePage } from './orders/change-page.ts'
import { checkPage, submitOne } from './orders/check-page.ts'
import { discardOne, draftOne, orderOneAgain } from './orders/draft-pages.ts'
import { editDraft, editPage } from './orders/edit-page.ts'
import { orderPage } from './orders/order-page.ts'
import { ordersFile, ordersPage } from './orders/orders-page.ts'
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
import { instanceEvents, orderEvents } from './streams.ts'
import { createToken, newTokenPage } from './tokens/new-token-page.ts'
import {
  ownTokensPage,
  revokeMembersPage,
  revokeMembersToken,
  revokeOwnPage,
  revokeOwnToken,
  tokensPage,
} from './tokens/tokens-page.ts'

/** Every page and every target of a form, by `METHOD /path`, with the permission that it needs. */
export const pages: Readonly<Record<string, Page>> = {
  'GET /': startPage,
  'GET /accessibility': accessibilityPage,
  'GET /licences': licencesPage,
  'GET /problems': problemsPage,
  'GET /problems/:code': problemPage,
  'GET /language/:language': chooseLanguage,
  'GET /sign-in': signInPage,
  'GET /sign-in/:issuer': signInAtIssuer,
  'GET /sign-in/return': signInReturn,
  'POST /sign-out': signOut,
  'GET /catalog': catalogPage,
  'GET /catalog/compare': comparePage,
  'GET /catalog/compare.csv': compareFile,
  'GET /catalog/:offering': offeringPage,
  'GET /orders': ordersPage,
  'GET /orders.csv': ordersFile,
  'POST /orders': draftOne,
  'GET /orders/:number': orderPage,
  'GET /orders/:number/events': orderEvents,
  'GET /orders/:number/certificate': certificatePage,
  'GET /orders/:number/certificate.json': certificateFile,
  'GET /orders/:number/edit': editPage,
  'POST /orders/:number/edit': editDraft,
  'GET /orders/:number/check': checkPage,
  'POST /orders/:number/submit': submitOne,
  'POST /orders/:number/again': orderOneAgain,
  'POST /orders/:number/discard': discardOne,
  'GET /orders/:number/change': changePage,
  'POST /orders/:number/change': changeOne,
  'GET /orders/:number/cancel': cancelPage,
  'POST /orders/:number/cancel': cancelOne,
  'POST /orders/:number/withdraw': withdrawOneCancellation,
  'GET /instances': instancesPage,
  'GET /instances.csv': instancesFile,
  'GET /instances/:id': instancePage,
  'GET /instances/:id/events': instanceEvents,
  'POST /instances/:id/labels': changeLabels,
  'GET /instances/:id/bind': bindPage,
  'POST /instances/:id/bind': bindOne,
  'GET /bindings': bindingsPage,
  'GET /bindings.csv': bindingsFile,
  'GET /bindings/:id': bindingPage,
  'POST /bindings/:id/credentials': revealOne,
  'POST /bindings/:id/rotate': rotateOne,
  'GET /bindings/:id/delete': unbindPage,
  'POST /bindings/:id/delete': unbindOne,
  'GET /account': accountPage,
  'POST /account/notifications': changeNotifications,
  'POST /account/sessions/:id/end': endOwnSession,
  'GET /account/roles/:id/leave': leavePage,
  'POST /account/roles/:id/leave': leaveOrganisation,
  'GET /account/tokens': ownTokensPage,
  'GET /account/tokens/new': newTokenPage,
  'POST /account/tokens/new': createToken,
  'GET /account/tokens/:id/revoke': revokeOwnPage,
  'POST /account/tokens/:id/revoke': revokeOwnToken,
  'GET /registrations': registrationsPage,
  'GET /registrations/agency': agencyPage,
  'POST /registrations/agency': requestAgency,
  'GET /registrations/join': joinPage,
  'POST /registrations/join': requestJoin,
  'GET /registrations/:id': registrationPage,
  'POST /registrations/:id/accept': acceptOne,
  'POST /registrations/:id/refuse': refuseOne,
  'POST /registrations/:id/withdraw': withdrawOne,
  'GET /members': membersPage,
  'GET /members/:id': memberPage,
  'POST /members/:id/change': changeMember,
  'POST /members/:id/give': giveMember,
  'GET /members/:id/remove': removePage,
  'POST /members/:id/remove': removeMember,
  'GET /invitations': invitationsPage,
  'GET /invitations/new': invitePage,
  'POST /invitations/new': invitePerson,
  'GET /invitations/:id/revoke': revokePage,
  'POST /invitations/:id/revoke': revokeOne,
  'GET /tokens': tokensPage,
  'GET /tokens/:id/revoke': revokeMembersPage,
  'POST /tokens/:id/revoke': revokeMembersToken,
  'GET /comparisons': comparisonsPage,
  'GET /comparisons/new': freezePage,
  'POST /comparisons/new': freezePlans,
  'GET /comparisons/:id': comparisonPage,
  'GET /comparisons/:id/comparison.csv': comparisonFile,
}
