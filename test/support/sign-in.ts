// Signs in to the console without a browser, and sends its forms as one without JavaScript does.
import type { DemoIssuer } from '../../tools/demo-issuer/start.ts'
import { openForm, type HtmlForm } from './html-form.ts'
import { caller, type Call, type Reply } from './caller.ts'

export interface SignedInBrowser {
  readonly cookie: string
  /** The page that the sign-in led to. */
  readonly landed: Reply
}

export interface Person {
  readonly subject: string
}

export type SignIn = (person: Person, path?: string, cookies?: string) => Promise<SignedInBrowser>

/** Follows the redirects of a sign-in, with the cookies of each server. */
export function signInAt(kontorUrl: string, issuer: Pick<DemoIssuer, 'url'>): SignIn {
  return async (person, path = '/sign-in', cookies = '') => {
    const jars: Record<string, Map<string, string>> = {
      [kontorUrl]: new Map(),
      [issuer.url]: new Map(),
    }
    const [name = '', value = ''] = cookies.split('=')
    if (name !== '') jars[kontorUrl]?.set(name, value)
    let [method, address] = ['GET', `${kontorUrl}${path}`]
    for (let hops = 0; hops < 15; hops++) {
      const { origin, pathname, search } = new URL(address)
      const jar = jars[origin] ?? new Map<string, string>()
      const cookie = Array.from(jar, (pair) => pair.join('=')).join('; ')
      const reply = await caller(origin, { accept: 'text/html', cookie })(method, pathname + search)
      for (const line of [reply.headers['set-cookie'] ?? []].flat()) {
        const [key = '', content = ''] = (line.split(';')[0] ?? '').split('=')
        if (content === '') jar.delete(key)
        else jar.set(key, content)
      }
      const { location } = reply.headers
      const picks = /action="([^"]+)as&#61;\w+"|action="(\/choose\/[^"?]+)/.exec(reply.text)
      if (location !== undefined)
        [method, address] = ['GET', new URL(String(location), address).href]
      else if (picks !== null && origin === issuer.url)
        [method, address] = ['POST', `${origin}${pathname}?as=${person.subject}`]
      else return { cookie: `kontor=${jars[kontorUrl]?.get('kontor') ?? ''}`, landed: reply }
    }
    throw new Error('The redirects have no end.')
  }
}

export const formHeaders = {
  'content-type': 'application/x-www-form-urlencoded',
  'sec-fetch-site': 'same-origin',
}

export interface Visitor {
  get(path: string): Promise<Reply>
  /** The form of a page that is sent to `action`. */
  form(path: string, action: string): Promise<HtmlForm>
  post(action: string, form: Pick<HtmlForm, 'send'>): Promise<Reply>
  /** Opens a page, fills the form for `action` and sends it. */
  send(path: string, action: string, fields?: Record<string, string>): Promise<Reply>
}

/** A browser with the cookies of a sign-in and those that answers set. */
export function visitorOf(url: string, cookie: string, language = 'en'): Visitor {
  const jar = new Map([cookie.split('=') as [string, string]])
  const ask = async (...[method, path, body, headers = {}]: Parameters<Call>): Promise<Reply> => {
    const cookies = Array.from(jar, (pair) => pair.join('=')).join('; ')
    const call = caller(url, { accept: 'text/html', 'accept-language': language, cookie: cookies })
    const reply = await call(method, path, body, headers)
    for (const line of [reply.headers['set-cookie'] ?? []].flat()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      jar.set(name, value)
    }
    return reply
  }
  const get = (path: string) => ask('GET', path)
  const form = async (path: string, action: string) => {
    const { status, text } = await get(path)
    const forms = text.match(/<form[^]*?<\/form>/g) ?? []
    const found = forms.find((each) => each.includes(`action="${action}"`))
    if (found === undefined) throw new Error(`${path} (${status}) has no form for ${action}.`)
    return openForm(found)
  }
  const post = (action: string, { send }: Pick<HtmlForm, 'send'>) =>
    ask('POST', action, send().toString(), formHeaders)
  return {
    get,
    form,
    post,
    async send(path, action, fields = {}) {
      const opened = await form(path, action)
      for (const [name, value] of Object.entries(fields)) opened.fill(name, value)
      return post(action, opened)
    },
  }
}
