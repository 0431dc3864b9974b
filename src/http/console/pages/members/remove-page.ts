// The questions before a role is taken from a member, and before one's own is given up.
import { removeMembership } from '../../../../people/memberships/change.ts'
import { describeMembership, noMembership } from '../../../../people/memberships/read.ts'
import { agencyKeeper } from '../../../auth/roles.ts'
import { askerOf } from '../../../auth/signed-in.ts'
import { readerOf, type Asked } from '../../asked.ts'
import { organisationName } from '../../names.ts'
import { questionPages } from '../../question-page.ts'
import { idOf, personName } from './member-page.ts'

export const [removePage, removeMember] = questionPages(
  agencyKeeper,
  async (asked) => {
    const { form, members: t, registrations } = asked.texts
    const { id, person, organisation, role } = await membershipOf(asked)
    const [name, where] = [personName(person), organisationName(asked, organisation)]
    return {
      path: `/members/${id}/remove`,
      title: t.remove.of(name, registrations.roles[role], where),
      back: { path: `/members/${id}`, label: form.back },
      facts: [
        [t.person, person.name],
        [t.email, person.email],
        [t.subject, person.subject],
        [t.issuer, person.issuer],
        [t.organisation, where],
        [t.role, registrations.roles[role]],
      ],
      consequence: t.remove.text,
      send: t.remove.send,
    }
  },
  async (asked) => {
    const asker = askerOf(asked.request)
    const { person } = await membershipOf(asked)
    await removeMembership(asked.deps, asker, idOf(asked))
    // Without the role the list of members may be closed to the reader.
    return person.id === asker.own ? '/account' : '/members'
  },
)

/** People also leave where they administer nothing. */
export const [leavePage, leaveOrganisation] = questionPages(
  ['person'],
  async (asked) => {
    const { account, form, registrations } = asked.texts
    const { roles: t } = account
    const { id, person, organisation, role } = await membershipOf(asked)
    if (person.id !== readerOf(asked).person.id) throw noMembership()
    const [name, where] = [registrations.roles[role], organisationName(asked, organisation)]
    return {
      path: `/account/roles/${id}/leave`,
      title: t.leaveOf(name, where),
      back: { path: '/account', label: form.back },
      facts: [
        [t.organisation, where],
        [t.role, name],
      ],
      consequence: t.left,
      send: t.leave,
    }
  },
  async (asked) => {
    const asker = askerOf(asked.request)
    const own = { ...asker.caller, scope: { organisations: [], providers: [] } }
    await removeMembership(asked.deps, { ...asker, caller: own }, idOf(asked))
    return '/account'
  },
)

function membershipOf(asked: Asked) {
  return describeMembership(asked.deps.db, readerOf(asked).caller.scope, idOf(asked))
}
