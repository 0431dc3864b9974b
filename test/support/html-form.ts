// A page of a form as a browser without JavaScript treats it: parses the HTML, holds what is typed
// and chosen, and sends what a browser sends when a button is pressed.
import { parseFragment, type DefaultTreeAdapterTypes } from 'parse5'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

interface Control {
  readonly name: string
  readonly kind: string
  readonly id: string | undefined
  value: string
  isChosen: boolean
  /** Of a list to choose from. */
  readonly options: readonly string[]
}

export interface HtmlForm {
  readonly elements: readonly Element[]
  readonly controls: readonly Control[]
  readonly buttons: readonly string[]
  /** The text that people see, without tags. */
  readonly text: string
  /** Types into, ticks or chooses; all controls of the name but the hidden ones. */
  fill(name: string, value: string): void
  /** What a browser sends; with the button if one is named. */
  send(button?: string): URLSearchParams
}

export function openForm(html: string): HtmlForm {
  const elements = elementsOf(parseFragment(html))
  const controls = elements.flatMap(controlsOf)
  const buttons = elements
    .filter(({ tagName }) => tagName === 'button')
    .map((element) => attribute(element, 'name') ?? '')
  return {
    elements,
    controls,
    buttons,
    text: elements.length === 0 ? '' : textOf(parseFragment(html)),
    fill(name, value) {
      const mine = controls.filter((each) => each.name === name && each.kind !== 'hidden')
      if (mine.length === 0) throw new Error(`There is no control ${name}.`)
      for (const control of mine) fillControl(control, value)
    },
    send(button) {
      if (button !== undefined && !buttons.includes(button))
        throw new Error(`There is no button ${button}, only ${buttons.join(', ')}.`)
      const sent = controls
        .filter(({ isChosen, name }) => isChosen && name !== '')
        .map(({ name, value }) => [crlf(name), crlf(value)] as [string, string])
      const text = new URLSearchParams(button === undefined ? sent : [...sent, [button, '1']])
      return new URLSearchParams(text.toString())
    },
  }
}

function fillControl(control: Control, value: string): void {
  const isOption = control.kind === 'radio' || control.kind === 'checkbox'
  if (isOption) control.isChosen = control.value === value
  else if (control.kind === 'select' && !control.options.includes(value))
    throw new Error(`${control.name} does not offer ${value}.`)
  else control.value = sanitized(control.kind, value)
}

/** Forms are sent with line ends of two characters. */
function crlf(text: string): string {
  return text.replaceAll(/\r\n|\r|\n/g, '\r\n')
}

/** What an input of a type makes of a value. */
function sanitized(kind: string, value: string): string {
  if (kind === 'textarea') return value.replaceAll(/\r\n|\r/g, '\n')
  if (kind === 'hidden') return value
  const line = value.replaceAll(/[\r\n]/g, '')
  return kind === 'date' && !/^\d{4}-\d{2}-\d{2}$/.test(line) ? '' : line
}

function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find((each) => each.name === name)?.value
}

function elementsOf(node: Node): readonly Element[] {
  const below = 'childNodes' in node ? node.childNodes.flatMap(elementsOf) : []
  return 'tagName' in node ? [node, ...below] : below
}

function textOf(node: Node): string {
  if ('value' in node) return node.value
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : ''
}

function controlsOf(element: Element): readonly Control[] {
  const name = attribute(element, 'name') ?? ''
  const id = attribute(element, 'id')
  const base = { name, id, options: [] }
  if (element.tagName === 'textarea')
    return [{ ...base, kind: 'textarea', value: textOf(element), isChosen: true }]
  if (element.tagName === 'select') {
    const options = elementsOf(element).filter(({ tagName }) => tagName === 'option')
    const values = options.map((option) => attribute(option, 'value') ?? textOf(option))
    const selected = options.findIndex((option) => attribute(option, 'selected') !== undefined)
    const value = values[Math.max(0, selected)] ?? ''
    return [{ ...base, kind: 'select', options: values, value, isChosen: true }]
  }
  if (element.tagName !== 'input') return []
  const kind = attribute(element, 'type') ?? 'text'
  const isOption = kind === 'radio' || kind === 'checkbox'
  const given = attribute(element, 'value')
  const value = isOption ? (given ?? 'on') : sanitized(kind, given ?? '')
  const isChosen = !isOption || attribute(element, 'checked') !== undefined
  return [{ ...base, kind, value, isChosen }]
}
