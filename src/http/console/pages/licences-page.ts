import { html } from 'ghtml'
import { assetPaths } from '../assets.ts'
import type { Page } from '../asked.ts'

const kernSource = 'https://gitlab.opencode.de/kern-ux/kern-ux-plain'

export const licencesPage: Page = {
  permission: 'public',
  answer({ texts: { licences } }) {
    return {
      title: licences.title,
      body: html`<h1 class="kern-heading-x-large">${licences.title}</h1>
        <p class="kern-body">${licences.lead}</p>
        <p class="kern-body">${licences.kern}</p>
        <ul class="plain">
          <li><a class="kern-link" href="${assetPaths.kernLicence}">${licences.kernLicence}</a></li>
          <li>
            <a class="kern-link" rel="noopener noreferrer" href="${kernSource}"
              >${licences.kernSource}</a
            >
          </li>
        </ul>
        <p class="kern-body">${licences.fira}</p>`,
    }
  },
}
