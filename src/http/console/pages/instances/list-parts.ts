import { html } from 'ghtml'
import { Readable } from 'node:stream'
import { csvList } from '../../../../csv.ts'
import type { BindingView, InstanceView } from '../../../../types.gen.ts'
import type { Asked, PageAnswer } from '../../asked.ts'
import { hiddenPart } from '../../form-page.ts'
import { dateTime } from '../../format.ts'
import { organisationPart, ownOrganisations } from '../../organisation-field.ts'
import { linkTo } from '../catalog/query.ts'
import { nameFilters, withField, type ListAddress } from './query.ts'

/** The search of a list, which keeps its other filters. @param path  of the list */
export function searchPart(asked: Asked, path: string, { fields, filter }: ListAddress): string {
  const { search, searchButton, organisation } = asked.texts.instances
  const own = ownOrganisations(asked)
  const hasChoice = own.length > 1
  const kept = fields.filter(([name]) => name !== 'q' && (name !== 'organisation' || !hasChoice))
  const choice = {
    label: organisation,
    organisations: own,
    chosen: filter.organisation,
    all: asked.texts.catalog.allOrganisations,
  }
  return html`<form class="search" role="search" method="get" action="${path}">
    !${kept.map(hiddenPart)}
    <div class="kern-form-input search__words">
      <label class="kern-label" for="q">${search}</label>
      <input
        class="kern-form-input__input"
        id="q"
        name="q"
        type="search"
        maxlength="200"
        value="${filter.q ?? ''}"
      />
    </div>
    !${hasChoice ? organisationPart(asked, choice) : ''}
    <button type="submit" class="kern-btn kern-btn--primary">
      <span class="kern-label">${searchButton}</span>
    </button>
  </form>`
}

/**
 * Filters as links: the states, what ends soon, and those that are chosen, to be taken away.
 * @param states  with their texts
 */
export function filtersPart(
  asked: Asked,
  path: string,
  { fields, state, expiresBefore }: ListAddress,
  states: ReadonlyArray<readonly [state: string, text: string]>,
): string {
  const texts = asked.texts.instances
  const link = (name: string, value: string | undefined, text: string, isCurrent: boolean) =>
    isCurrent
      ? html`<li><span class="kern-body" aria-current="true">${text}</span></li>`
      : html`<li>
          <a class="kern-link" href="${linkTo(path, withField(fields, name, value))}">${text}</a>
        </li>`
  const removable = (name: string, text: string) =>
    html`<li>
      <a
        class="kern-link facets__chosen"
        href="${linkTo(path, withField(fields, name, undefined))}"
      >
        <span class="kern-sr-only">${texts.remove}</span> ${text} ×
      </a>
    </li>`
  const chosen = fields.filter(
    ([name]) => name === 'organisation' || nameFilters.some((each) => each === name),
  )
  return html`<nav class="filters" aria-label="${texts.filters}">
    <ul class="plain">
      !${link('state', undefined, texts.all, state === undefined)}
      !${states.map(([each, text]) => link('state', each, text, each === state))}
      !${
        expiresBefore === undefined
          ? link('expiring', '1', texts.expiring, false)
          : removable('expiring', texts.expiring)
      }
      !${chosen.map(([name, value]) =>
        removable(
          name,
          `${texts[name as 'organisation' | (typeof nameFilters)[number]]}: ${value}`,
        ),
      )}
    </ul>
  </nav>`
}

/** Links below a list: the next page, and all of it as a file. */
export function footPart(
  asked: Asked,
  path: string,
  { fields }: Pick<ListAddress, 'fields'>,
  next: string | null,
): string {
  const { more, csv } = asked.texts.instances
  const older = next === null ? '' : linkTo(path, [...fields, ['cursor', next]])
  return html`<ul class="plain no-print">
    !${older === '' ? '' : html`<li><a class="kern-link" href="${older}">${more}</a></li>`}
    <li><a class="kern-link" href="${linkTo(`${path}.csv`, fields)}">${csv}</a></li>
  </ul>`
}

type Tone = 'success' | 'info' | 'warning' | 'danger'

const badge = (tone: Tone, text: string) =>
  html`<span class="kern-badge kern-badge--${tone}"><span class="kern-label">${text}</span></span>`

const toneOf: Readonly<Record<string, Tone>> = { ready: 'success', failed: 'danger' }

/** State and running operation, in words. */
export function instanceState({ texts }: Asked, view: InstanceView): string {
  const { states, running, notUsable } = texts.instances
  const { state, usable, operation } = view
  return html`<span class="plain badges">
    !${
      operation === null || operation.kind === 'provision'
        ? badge(toneOf[state] ?? 'info', states[state])
        : badge('info', running[operation.kind])
    }
    !${usable ? '' : badge('danger', notUsable)}
  </span>`
}

/** State of a binding, and what is to be done about its credentials. */
export function bindingState({ texts, language, deps }: Asked, view: BindingView): string {
  const { bindingStates, running, expired, renew } = texts.instances
  const { state, operation, isExpired, renewBefore = null } = view
  const isDue = renewBefore !== null && new Date(renewBefore) <= deps.now()
  return html`<span class="plain badges">
    !${
      operation === null
        ? badge(toneOf[state] ?? 'info', bindingStates[state])
        : badge('info', running[operation.kind])
    }
    !${isExpired ? badge('danger', expired) : ''}
    !${
      renewBefore !== null && !isExpired
        ? badge(isDue ? 'warning' : 'info', renew(dateTime(language, new Date(renewBefore))))
        : ''
    }
  </span>`
}

/** A whole list to be downloaded. @param name  of the file, without its ending */
export function listFile(name: string, lines: AsyncGenerator<string, void>): PageAnswer {
  const file = Readable.from(lines, { highWaterMark: 1 })
  return { file, type: csvList, name: `kontor-${name}.csv` }
}
