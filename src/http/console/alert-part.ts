import { html } from 'ghtml'

type Tone = 'info' | 'success' | 'warning' | 'danger'

/**
 * A message that stands out, and that screen readers say at once.
 * @param body  HTML of ghtml's `html`
 * @param takesFocus  when the page has loaded, for what its reader has to correct
 */
export function alertPart(tone: Tone, title: string, body: string, takesFocus = false): string {
  return html`<div
    class="kern-alert kern-alert--${tone}"
    role="alert"
    !${takesFocus ? 'tabindex="-1" autofocus' : ''}
  >
    <div class="kern-alert__header">
      <span class="kern-icon kern-icon--${tone}" aria-hidden="true"></span>
      <span class="kern-title">${title}</span>
    </div>
    <div class="kern-alert__body">!${body}</div>
  </div>`
}
