import { html } from 'ghtml'
import { agencyReader, memberReader } from '../auth/roles.ts'
import { assetPaths } from './assets.ts'
import { tokenPart } from './forms.ts'
import { languages } from './language.ts'
import { hasRole, type Asked } from './asked.ts'
import type { Language } from '../../types.gen.ts'

/**
 * A whole page around `body`. @param body  HTML of ghtml's `html`
 */
export function layout(asked: Asked, { title, body }: { title: string; body: string }): string {
  const { language, texts } = asked
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} - Kontor</title>
        <link rel="icon" type="image/svg+xml" href="${assetPaths.icon}" />
        !${assetPaths.styles.map((path) => html`<link rel="stylesheet" href="${path}" />`)}
      </head>
      <body>
        <a class="kern-link skip" href="#content">${texts.frame.skip}</a>
        !${headerPart(asked)}
        <main id="content" tabindex="-1" class="page">!${body}</main>
        !${footerPart(asked)}
      </body>
    </html>`
}

function headerPart(asked: Asked): string {
  const { frame } = asked.texts
  return html`<header class="header">
    <div class="header__bar">
      <a class="header__name" href="/">
        <img src="${assetPaths.icon}" alt="" width="40" height="40" />
        <span>
          <span class="header__title">Kontor</span>
          <span class="header__tagline">${frame.tagline}</span>
        </span>
      </a>
      <div class="header__tools">!${personPart(asked)} !${languagePart(asked)}</div>
    </div>
    <nav class="header__navigation" aria-label="${frame.navigation}">
      <ul>
        !${navigationOf(asked).map(([path, text]) => linkPart(asked, path, text))}
      </ul>
    </nav>
  </header>`
}

function personPart(asked: Asked): string {
  const { deps, request, signedIn, texts } = asked
  const { frame } = texts
  if (signedIn === undefined) {
    if (deps.signIns === undefined) return ''
    const here = encodeURIComponent(request.method === 'GET' ? request.url : '/')
    return html`<a class="kern-link" href="/sign-in?return=${here}">${frame.signIn}</a>`
  }
  const { name, email, subject } = signedIn.person
  return html`<div class="header__person">
    <span class="kern-sr-only">${frame.person}</span>
    <a class="kern-link" href="/account">${name ?? email ?? subject}</a>
    <form method="post" action="/sign-out">
      !${tokenPart(asked)}
      <button type="submit" class="kern-btn kern-btn--tertiary kern-btn--x-small">
        <span class="kern-label">${frame.signOut}</span>
      </button>
    </form>
  </div>`
}

function navigationOf(asked: Asked): ReadonlyArray<readonly [string, string]> {
  const { texts, signedIn } = asked
  const { frame, catalog, members, comparisons, instances, orders } = texts
  const ofAdministrators = [
    ['/members', members.title],
    ['/comparisons', comparisons.short],
  ] as const
  const ofPeople = [
    ['/catalog', catalog.title],
    ...(hasRole(asked, memberReader) ? [['/orders', orders.title] as const] : []),
    ['/instances', instances.title],
    ['/registrations', frame.registrations],
    ...(hasRole(asked, agencyReader) ? ofAdministrators : []),
  ] as const
  return [['/', frame.start], ...(signedIn === undefined ? [] : ofPeople), ['/docs', frame.docs]]
}

function linkPart({ request }: Asked, path: string, text: string): string {
  const here = request.url.split('?')[0] ?? ''
  const isBelow = path !== '/' && here.startsWith(`${path}/`)
  const current = here === path ? 'aria-current="page"' : isBelow ? 'aria-current="true"' : ''
  return html`<li><a class="kern-link" href="${path}" !${current}>${text}</a></li>`
}

const nameOf: Record<Language, string> = { de: 'Deutsch', en: 'English' }

function languagePart({ language, request, texts }: Asked): string {
  const here = encodeURIComponent(request.method === 'GET' ? request.url : '/')
  const items = languages.map((each) =>
    each === language
      ? html`<li><span aria-current="true">${nameOf[each]}</span></li>`
      : html`<li>
          <a
            class="kern-link"
            lang="${each}"
            hreflang="${each}"
            href="/language/${each}?return=${here}"
            >${nameOf[each]}</a
          >
        </li>`,
  )
  return html`<nav class="header__languages" aria-label="${texts.frame.language}">
    <ul>
      !${items}
    </ul>
  </nav>`
}

function footerPart({ texts: { frame } }: Asked): string {
  return html`<footer class="footer">
    <nav aria-label="${frame.footer}">
      <ul>
        <li><a class="kern-link" href="/accessibility">${frame.accessibility}</a></li>
        <li><a class="kern-link" href="/accessibility#feedback">${frame.feedback}</a></li>
        <li><a class="kern-link" href="/licences">${frame.licences}</a></li>
      </ul>
    </nav>
  </footer>`
}
