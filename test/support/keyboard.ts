// Uses a page by its keyboard alone: Tab until what is wanted has the focus, and then a key.
import type { Page } from 'playwright-core'

export interface Keyboard {
  /** Goes to a link or a button of this name, presses Enter, and waits for the page it leads to. */
  press(name: string): Promise<void>
  /** Goes to a field and replaces what stands there. */
  type(name: string, text: string): Promise<void>
  /** Ticks the next boxes whose names begin so. */
  tick(begin: string, count: number): Promise<void>
  /** The name of what has the focus. */
  focused(): Promise<readonly [name: string, kind: string]>
  /** What had the focus and did not look so. */
  withoutFocus(): readonly string[]
}

// More than any page has links and fields.
const maxStops = 150

interface Stop {
  readonly name: string
  readonly kind: string
  readonly isVisible: boolean
  /** Whether it leads to a place on the same page. */
  readonly isJump: boolean
}

// In the page, also while its own scripts are off.
const readStop = `(() => {
  const element = document.activeElement
  if (element === null || element === document.body)
    return { name: '', kind: '', isVisible: true, isJump: false }
  const [label] = element.labels ?? []
  const { outlineStyle, boxShadow } = getComputedStyle(element)
  return {
    name: (label ?? element).textContent.replaceAll(/\\s+/g, ' ').trim(),
    kind: element.tagName,
    isJump: element.getAttribute('href')?.startsWith('#') === true,
    isVisible: outlineStyle !== 'none' || boxShadow !== 'none',
  }
})()`

export function createKeyboard(page: Page): Keyboard {
  const unseen = new Set<string>()
  const stop = async () => (await page.evaluate(readStop)) as Stop
  const goTo = async (isIt: (stop: Stop) => boolean, what: string): Promise<Stop> => {
    for (let stops = 0; stops < maxStops; stops++) {
      await page.keyboard.press('Tab')
      const there = await stop()
      if (!there.isVisible) unseen.add(`${there.kind} ${there.name}`)
      if (isIt(there)) return there
    }
    throw new Error(`Tab does not lead to "${what}" at ${page.url()}.`)
  }
  return {
    async press(name) {
      const { isJump } = await goTo((each) => isNamed(each, name), name)
      if (isJump) return page.keyboard.press('Enter')
      const loaded = page.waitForEvent('load')
      await page.keyboard.press('Enter')
      await loaded
    },
    async type(name, text) {
      const field = await stop()
      if (!isField(field, name)) await goTo((each) => isField(each, name), name)
      await page.keyboard.press('ControlOrMeta+A')
      await page.keyboard.type(text)
    },
    async tick(begin, count) {
      for (let ticked = 0; ticked < count; ticked++) {
        await goTo(({ kind, name }) => kind === 'INPUT' && name.startsWith(begin), begin)
        await page.keyboard.press('Space')
      }
    },
    async focused() {
      const { name, kind } = await stop()
      return [name, kind]
    },
    withoutFocus: () => [...unseen],
  }
}

/** The name; of a button perhaps with more behind, such as a mail address. */
function isNamed({ name, kind }: Stop, wanted: string): boolean {
  return name === wanted || (kind === 'BUTTON' && name.startsWith(`${wanted} `))
}

function isField({ name, kind }: Stop, wanted: string): boolean {
  return ['INPUT', 'SELECT', 'TEXTAREA'].includes(kind) && name.startsWith(wanted)
}
