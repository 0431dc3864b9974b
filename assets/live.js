// A page that says how something goes on asks for itself again, and takes over what has changed.
// Without this script its readers follow the link that loads it again.
const root = document.getElementById('live')
const notice = document.getElementById('not-live')
const slowestMs = 30_000
const maxFailures = 5
// How often to look whether the focus has left a part that waits for it.
const focusMs = 1_000

/** 0: nothing will change any more. */
const every = () => Number(root?.dataset.every ?? 0)

let delayMs = every()
let failures = 0
let isAsking = false
let isOver = every() === 0
let timer

/** Hidden fields, such as keys of forms, are new each time. */
const withoutValues = ({ innerHTML }) => innerHTML.replaceAll(/ value="[^"]*"/g, '')

/**
 * Writes only what differs: screen readers say it once. What holds the focus stays, because a button
 * must not become another one under the finger.
 */
function take(fresh) {
  let [isNew, isWhole] = [false, true]
  for (const part of root.querySelectorAll('[id^="live-"]')) {
    const other = fresh.querySelector(`#${part.id}`)
    if (other === null || withoutValues(other) === withoutValues(part)) continue
    if (part.contains(document.activeElement) && !part.matches('[role="status"]')) {
      isWhole = false
      continue
    }
    part.replaceChildren(...other.cloneNode(true).childNodes)
    isNew = true
  }
  return { isNew, isWhole }
}

/** The last answer: no further one is needed for the parts that wait for the focus. */
function finish(fresh) {
  if (!take(fresh).isWhole) setTimeout(finish, focusMs, fresh)
}

/** @returns whether anything has changed @throws Error for an answer that says nothing */
async function ask() {
  const headers = { accept: 'text/html', 'kontor-live': '1' }
  // Without a session the answer leads to the sign-in. To follow it would begin one, and spoil the
  // one that its reader may have begun in another tab.
  const reply = await fetch(location.href, { headers, redirect: 'manual' })
  if (reply.type === 'opaqueredirect' || [401, 403, 404].includes(reply.status)) return end(true)
  if (!reply.ok) throw new Error(String(reply.status))
  const page = new DOMParser().parseFromString(await reply.text(), 'text/html')
  const fresh = page.getElementById('live')
  if (fresh === null) return end(true)
  if (fresh.dataset.every === undefined) {
    finish(fresh)
    return end(false)
  }
  root.dataset.every = fresh.dataset.every
  return take(fresh).isNew
}

function end(isLost) {
  isOver = true
  say(isLost)
  return false
}

/** Says that the page shows nothing new, or no longer says so. */
function say(isLost) {
  const text = isLost ? notice.dataset.text : ''
  if (notice.textContent !== text) notice.textContent = text
}

async function follow() {
  clearTimeout(timer)
  if (isOver || isAsking || document.hidden) return
  isAsking = true
  try {
    const isNew = await ask()
    failures = 0
    // The longer nothing changes, the less often it asks.
    delayMs = Math.min(Math.max(isNew ? 0 : delayMs * 1.5, every()), slowestMs)
    if (!isOver) say(false)
  } catch {
    failures++
    delayMs = Math.min(delayMs * 2, slowestMs)
    if (failures >= maxFailures) say(true)
  }
  isAsking = false
  if (!isOver && failures < maxFailures) timer = setTimeout(follow, delayMs)
}

/** A computer that wakes up, or a network that is back. */
function resume() {
  if (isOver || document.hidden) return
  failures = 0
  delayMs = every()
  void follow()
}

if (!isOver) {
  timer = setTimeout(follow, delayMs)
  addEventListener('online', resume)
  document.addEventListener('visibilitychange', resume)
}
