import { endSession } from '../../../people/sessions/end.ts'
import { readerOf, type Page } from '../asked.ts'
import { forgetSession } from '../sessions.ts'

export const signOut: Page = {
  permission: ['person'],
  async answer(asked) {
    const { deps, reply, session } = asked
    if (session !== undefined) await endSession(deps, readerOf(asked), session.id)
    forgetSession(reply, deps)
    return { redirect: '/' }
  },
}
