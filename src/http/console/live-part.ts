import { html } from 'ghtml'
import { assetPaths } from './assets.ts'
import type { Asked } from './asked.ts'

/** What a page that is followed says of itself. */
export interface LivePage {
  /** Its address. */
  readonly path: string
  /** Of the timeline that it shows. */
  readonly version: string
  /** How often it asks again where no stream opens; undefined: nothing changes by itself. */
  readonly everyMs: number | undefined
}

/**
 * What changes while one looks at it, as `assets/live.js` takes it over: its parts have an id that
 * begins with `live-`. Without scripts there is a link that loads the page again.
 */
export function livePart(asked: Asked, page: LivePage, body: string): string {
  const { path, version, everyMs } = page
  const following =
    everyMs === undefined
      ? ''
      : html`data-every="${everyMs}" data-events="${path}/events" data-version="${version}"`
  const refresh = html`<p class="kern-body">
    <a class="kern-link" href="${path}">${asked.texts.orders.next.refresh}</a>
  </p>`
  return html`<div id="live" class="live" !${following}>
    <div id="live-refresh">!${everyMs === undefined ? '' : refresh}</div>
    !${body}
  </div>`
}

/** The script that follows a page, and where it says that it cannot. */
export function liveScript({ texts }: Asked, { everyMs }: LivePage): string {
  if (everyMs === undefined) return ''
  return html`<p
      id="not-live"
      class="kern-body"
      role="status"
      data-text="${texts.orders.next.notLive}"
    ></p>
    <script type="module" src="${assetPaths.live}"></script>`
}
