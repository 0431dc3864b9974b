import { describe } from '../../src/forms/describe.ts'
import { read, type ReadForm } from '../../src/forms/read.ts'
import { render } from '../../src/forms/render.ts'
import { openForm, type HtmlForm } from '../support/html-form.ts'
import { draw } from './round-trip.ts'

type Schema = Readonly<Record<string, unknown>>

export interface Entered {
  readonly sent: ReadForm
  /** How often the form was shown. */
  readonly pages: number
  /** Values that went in as JSON, by pointer. */
  readonly asJson: readonly string[]
}

const maxPages = 25

/**
 * Fills in a new form until it holds the value, as a person does who sees only the pages: chooses,
 * adds what has a button, types, and goes on.
 */
export function enter(schema: Schema, value: unknown): Entered {
  let form = draw(schema)
  let asJson: string[] = []
  for (let pages = 1; pages < maxPages; pages++) {
    asJson = []
    const button = chooseBranch(schema, value, form)
    fillIn(form, '', value, asJson)
    const next = button ?? missingPart(form, '', value)
    const sent = read(schema, form.send(next ?? 'continue'))
    const isShownAgain = sent.errors.every(({ code }) => code === 'enter_again')
    if (next === undefined && (sent.isComplete || !isShownAgain)) return { sent, pages, asJson }
    form = openForm(render(describe(schema, sent.value, { state: sent.state }), 'de'))
  }
  throw new Error('The form does not come to an end.')
}

/** Chooses the branches that the value is of. @returns the button to press if that is another */
function chooseBranch(schema: Schema, value: unknown, form: HtmlForm): string | undefined {
  const isChoice = ({ name, isChosen }: { name: string; isChosen: boolean }) =>
    isChosen && /^choice\d*:/.test(name)
  for (const wanted of draw(schema, value).controls.filter(isChoice)) {
    const now = form.controls.find(({ name, isChosen }) => name === wanted.name && isChosen)
    if (now === undefined || now.value === wanted.value) continue
    form.fill(wanted.name, wanted.value)
    return `refresh:${wanted.name.slice(wanted.name.indexOf(':') + 1)}`
  }
  return undefined
}

function pointerOf(pointer: string, key: string): string {
  return `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function fillIn(form: HtmlForm, pointer: string, value: unknown, asJson: string[]): void {
  const has = (name: string) => form.controls.some((control) => control.name === name)
  if (has(`json:${pointer}`)) {
    form.fill(`json:${pointer}`, JSON.stringify(value))
    asJson.push(pointer)
  } else if (has(pointer) && pointer !== '') fillControl(form, pointer, value)
  else if (value !== null && typeof value === 'object') {
    for (const [key, each] of Object.entries(value))
      fillIn(form, pointerOf(pointer, key), each, asJson)
    const others = Object.entries(value).filter(([key]) => !isDrawn(form, pointerOf(pointer, key)))
    if (has(`more:${pointer}`) && others.length > 0) {
      form.fill(`more:${pointer}`, JSON.stringify(Object.fromEntries(others)))
      asJson.push(`${pointer} (more)`)
    }
  }
}

function isDrawn(form: HtmlForm, pointer: string): boolean {
  const names = [...form.controls.map(({ name }) => name), ...form.buttons]
  return names.some((name) => {
    const of = name.slice(name.search(/[:/]/) + (name.startsWith('/') ? 0 : 1))
    return of === pointer || of.startsWith(`${pointer}/`)
  })
}

function fillControl(form: HtmlForm, pointer: string, value: unknown): void {
  const controls = form.controls.filter(({ name, kind }) => name === pointer && kind !== 'hidden')
  const [first] = controls
  // The provider sets it.
  if (first === undefined) return
  const offered = [...controls.map((each) => each.value), ...first.options]
  const isChoice = first.kind === 'radio' || first.kind === 'select'
  if (isChoice) form.fill(pointer, offered.find((text) => isOf(text, value)) ?? 'not offered')
  else if (first.kind === 'checkbox') form.fill(pointer, String(value))
  else form.fill(pointer, typed(value))
}

/** Whether a control's text is the value: as it is, or as JSON. */
function isOf(text: string, value: unknown): boolean {
  return (value !== '' && text === value) || text === JSON.stringify(value)
}

/** As a person in Germany types it. */
function typed(value: unknown): string {
  if (Array.isArray(value)) return value.map(typed).join('\n')
  if (typeof value === 'string') return value
  return typeof value === 'number'
    ? String(value)
        .replace('.', ',')
        .replace(/,(\d{3})$/, ',$10')
    : ''
}

/** The button that adds an object or a row of which the form has none yet. */
function missingPart(form: HtmlForm, pointer: string, value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') return undefined
  const rows = form.controls.find(({ name }) => name === `rows:${pointer}`)
  const isMissing =
    rows === undefined || (Array.isArray(value) && Number(rows.value) < value.length)
  const button = `add:${pointer}`
  if (isMissing && form.buttons.includes(button)) return button
  return Object.entries(value)
    .map(([key, each]) => missingPart(form, pointerOf(pointer, key), each))
    .find((each) => each !== undefined)
}
