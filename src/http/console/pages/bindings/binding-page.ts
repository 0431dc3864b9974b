import { html } from 'ghtml'
import {
  describeBindingToActOn,
  replaceBinding,
  type BindingToActOn,
} from '../../../../orders/act-on-binding.ts'
import { person } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page, type PageAnswer } from '../../asked.ts'
import { submitPart } from '../../fields-part.ts'
import { keyOf, keyPart, tokenPart } from '../../forms.ts'
import { dateTime } from '../../format.ts'
import { freshSignInPath, hasSignedInLately } from '../../recent-sign-in.ts'
import { factsPart } from '../../table-part.ts'
import { catalogReader } from '../catalog/catalog-reader.ts'
import { bindingState } from '../instances/list-parts.ts'
import { refusalOf, refusalPart } from '../../refusal.ts'
import { organisationName, platformName } from '../../names.ts'

/** One binding: what it is, and what its reader can do with it. */
export const bindingPage: Page = {
  permission: catalogReader,
  answer: (asked) => bindingAnswer(asked),
}

export const rotateOne: Page = {
  permission: person,
  async answer(asked) {
    const id = bindingIdOf(asked)
    try {
      await replaceBinding(asked.deps, readerOf(asked), id, keyOf(asked))
    } catch (error) {
      const message = refusalOf(error)
      if (message === undefined) throw error
      return bindingAnswer(asked, 400, message)
    }
    const { view } = await describeBindingToActOn(asked.deps, readerOf(asked), id)
    return { redirect: `/instances/${view.instance.id}` }
  },
}

/** Kontor's id of the binding that an address names. */
export function bindingIdOf({ request }: Asked): string {
  return (request.params as { id: string }).id
}

/** The page, perhaps with what hindered an act. */
export async function bindingAnswer(
  asked: Asked,
  status = 200,
  message?: string,
): Promise<PageAnswer> {
  const found = await describeBindingToActOn(asked.deps, readerOf(asked), bindingIdOf(asked))
  const { view, mayAct, isOrderedHere } = found
  const { bindings: t, instances } = asked.texts
  const name = view.instance.name ?? view.instance.instanceId
  const title = t.one(name)
  const isLive = view.deletedAt === null
  return {
    title,
    status,
    body: html`<p class="kern-body">
        <a class="kern-link" href="/instances/${view.instance.id}">${t.back}</a>
      </p>
      <h1 class="kern-heading-x-large">${title}</h1>
      !${refusalPart(asked, message)}
      <p class="kern-body">!${bindingState(asked, view)}</p>
      !${isLive ? urgencyPart(asked, found) : ''} !${viewPart(asked, found)}
      !${mayAct && isLive ? actsPart(asked, found) : ''}
      !${
        isOrderedHere
          ? ''
          : html`<p class="kern-body">${instances.elsewhere(platformName(view.platform))}</p>`
      }`,
  }
}

/** What has to be done about credentials that end. */
function urgencyPart({ texts, deps }: Asked, { view }: BindingToActOn): string {
  const { bindings: t } = texts
  const { isExpired, renewBefore = null } = view
  const isDue = renewBefore !== null && new Date(renewBefore) <= deps.now()
  if (!isExpired && !isDue) return ''
  const look = isExpired ? 'danger' : 'warning'
  return html`<div class="kern-alert kern-alert--${look}" role="status">
    <div class="kern-alert__header">
      <span class="kern-icon kern-icon--${look}" aria-hidden="true"></span>
      <span class="kern-title">${isExpired ? t.expired : t.due}</span>
    </div>
  </div>`
}

function viewPart(asked: Asked, { view }: BindingToActOn): string {
  const { texts, language } = asked
  const { instances, bindings } = texts
  const { organisation } = view
  const when = (text: string | null) => (text === null ? null : dateTime(language, new Date(text)))
  return factsPart([
    [instances.instance, view.instance.name ?? view.instance.instanceId],
    [instances.offering, view.offering.name],
    [instances.plan, view.plan.name],
    [instances.organisation, organisation && organisationName(asked, organisation)],
    [instances.platform, platformName(view.platform)],
    [instances.provider, view.provider.name],
    [instances.created, when(view.createdAt)],
    [bindings.renewBefore, when(view.renewBefore ?? null)],
    [instances.expires, when(view.expiresAt)],
    [instances.deleted, when(view.deletedAt)],
    [bindings.id, view.bindingId],
    [instances.id, view.id],
    [bindings.replaces, view.predecessorId],
  ])
}

function actsPart(asked: Asked, { view, isRotatable }: BindingToActOn): string {
  const { bindings: t } = asked.texts
  const isReady = view.state === 'ready' && view.operation === null
  return html`!${isReady ? revealPart(asked, view.id) : ''}
    !${isReady ? rotatePart(asked, view, isRotatable) : ''}
    <h2 class="kern-heading-medium">${t.remove}</h2>
    <p class="kern-body">
      <a class="kern-link" href="/bindings/${view.id}/delete">${t.toRemove}</a>
    </p>`
}

/** A button after a recent sign-in, else the way to one. */
function revealPart(asked: Asked, id: string): string {
  const { bindings: t } = asked.texts
  const path = `/bindings/${id}`
  const form = html`<form method="post" action="${path}/credentials">
    !${tokenPart(asked)} !${submitPart(t.reveal)}
  </form>`
  const signIn = html`<p class="kern-body">${t.signInFirst}</p>
    <p class="kern-body">
      <a class="kern-link" href="${freshSignInPath(path)}">${t.signIn}</a>
    </p>`
  return html`<h2 class="kern-heading-medium">${t.credentials}</h2>
    <p class="kern-body">${t.recorded}</p>
    !${hasSignedInLately(asked) ? form : signIn}`
}

function rotatePart(
  asked: Asked,
  { id, instance }: BindingToActOn['view'],
  isRotatable: boolean,
): string {
  const { bindings: t } = asked.texts
  const form = html`<form method="post" action="/bindings/${id}/rotate">
    !${tokenPart(asked)} !${keyPart(asked)} !${submitPart(t.rotate, 'secondary')}
  </form>`
  const link = html`<p class="kern-body">
    <a class="kern-link" href="/instances/${instance.id}/bind">${t.toCreate}</a>
  </p>`
  const steps = isRotatable ? t.rotation : t.replacement
  return html`<h2 class="kern-heading-medium">${t.replace}</h2>
    <ol class="kern-list kern-list--number">
      !${steps.map((step) => html`<li>${step}</li>`)}
    </ol>
    !${isRotatable ? form : link}`
}
