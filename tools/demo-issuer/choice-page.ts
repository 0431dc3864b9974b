import { createHash } from 'node:crypto'
import { html } from 'ghtml'
import type { DemoPerson } from './people.ts'

const texts = {
  de: {
    title: 'Anmeldung der Demo',
    text:
      'Wählen Sie, als wer Sie sich anmelden. Alle Personen sind erfunden, ein Passwort gibt ' +
      'es nicht.',
  },
  en: {
    title: 'Sign-in of the demo',
    text: 'Choose who to sign in as. All people are invented, and there is no password.',
  },
} as const

const style = `
:root { color-scheme: light dark; font: 1.125rem/1.5 "Fira Sans", system-ui, sans-serif }
body { max-width: 40rem; margin: 0 auto; padding: 1.5rem }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.75rem }
button { width: 100%; padding: 0.75rem 1rem; border: 1px solid GrayText; border-radius: 4px;
  background: Canvas; color: CanvasText; font: inherit; text-align: start; cursor: pointer }
button:hover, button:focus-visible { outline: 3px solid; outline-offset: 2px }
b, span { display: block }
`

/** The page on which one picks a person. @param path  to which the choice is posted */
export function choicePage(
  people: readonly DemoPerson[],
  path: string,
  acceptLanguage: string,
): { readonly html: string; readonly headers: Record<string, string> } {
  const language = /^\s*en/i.test(acceptLanguage) ? 'en' : 'de'
  const { title, text } = texts[language]
  const items = people.map(
    ({ subject, name, place, part }) =>
      html`<li>
        <form method="post" action="${path}?as=${subject}">
          <button type="submit"><b>${name}</b> <span>${place}: ${part[language]}</span></button>
        </form>
      </li>`,
  )
  const page = html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          !${style}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p>${text}</p>
          <ul>
            !${items}
          </ul>
        </main>
      </body>
    </html>`
  const hash = createHash('sha256').update(style).digest('base64')
  // No form-action: the answer to the form leads to Kontor, which browsers count as its target.
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'`
  return {
    html: page,
    headers: { 'content-security-policy': policy, 'cache-control': 'no-store' },
  }
}
