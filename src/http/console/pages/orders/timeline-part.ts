import { html } from 'ghtml'
import type { InstanceTimeline, OrderTimeline, OrderTimelineEntry } from '../../../../types.gen.ts'
import type { Asked } from '../../asked.ts'
import { dateTime } from '../../format.ts'

/** Who did what with an order or an instance and what became of it, the newest first. */
export function timelinePart(
  asked: Asked,
  { entries, expectedEnd }: OrderTimeline | InstanceTimeline,
): string {
  const { language, texts } = asked
  const { expected } = texts.timeline
  const end =
    expectedEnd === null
      ? ''
      : html`<p class="kern-body">${expected(dateTime(language, new Date(expectedEnd)))}</p>`
  return html`!${end}
    <ol class="timeline">
      !${entries.toReversed().map((entry) => entryPart(asked, entry))}
    </ol>`
}

function entryPart(asked: Asked, entry: OrderTimelineEntry): string {
  const { language, texts } = asked
  const { at, by, values } = entry
  const isOfProvider = 'description' in values
  const said = values['description'] ?? values['detail']
  const text =
    typeof said === 'string' && said !== ''
      ? html`<br /><span class="kern-body kern-body--small"
            >${isOfProvider ? texts.timeline.provider : texts.orderProblems.system}
            <q !${isOfProvider ? '' : 'lang="en"'}>${said}</q></span
          >`
      : ''
  const plan = typeof values['plan'] === 'string' ? `: ${values['plan']}` : ''
  const who = by === null ? '' : html`, ${by.name ?? by.id}`
  const platform =
    typeof values['platform'] === 'string'
      ? html`, ${texts.timeline.platform(values['platform'])}`
      : ''
  return html`<li>
    <p class="kern-body">
      <strong>${sentenceOf(asked, entry)}${plan}</strong><br />
      <span class="kern-body kern-body--small"
        ><time datetime="${at}">${dateTime(language, new Date(at))}</time>!${who}!${platform}</span
      >!${text}
    </p>
  </li>`
}

function sentenceOf({ texts }: Asked, { code, values }: OrderTimelineEntry): string {
  const { begun, done, failed, sentences } = texts.timeline
  const byKind = {
    'operation-begun': begun,
    'operation-succeeded': done,
    'operation-failed': failed,
  }
  const words: Readonly<Record<string, string>> | undefined =
    code in byKind ? byKind[code as keyof typeof byKind] : undefined
  return words?.[String(values['kind'])] ?? sentences[code]
}
