// A page that says how something goes on opens a stream of events, and asks for itself again when
// that says that something has changed. Where no stream opens, or nothing arrives on it (a proxy may
// hold answers back), it asks again and again. Without this script its readers follow the link that
// loads it again.
const root = document.getElementById('live')
const notice = document.getElementById('not-live')
const slowestMs = 30_000
const maxFailures = 5
// How often to look whether the focus has left a part that waits for it.
const focusMs = 1_000
// A stream says something every 15 seconds.
const silentMs = 40_000

/** 0: nothing will change any more. */
const every = () => Number(root?.dataset.every ?? 0)

let delayMs = every()
let failures = 0
let isAsking = false
let isOver = every() === 0
let timer
let stream
let silence
let isStreaming = false
// Something has changed while it asked.
let isStale = false

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

/** The same for one that is not the last, until it asks again. */
function takeLater(fresh) {
  if (fresh.dataset.version === root.dataset.version && !take(fresh).isWhole)
    setTimeout(takeLater, focusMs, fresh)
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
  root.dataset.version = fresh.dataset.version
  const { isNew, isWhole } = take(fresh)
  if (!isWhole) setTimeout(takeLater, focusMs, fresh)
  return isNew
}

function end(isLost) {
  isOver = true
  closeStream()
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
  isStale = false
  let isNew = false
  try {
    isNew = await ask()
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
  if (isOver || failures >= maxFailures) return
  if (isStale) void follow()
  // A stream says when to ask, but not again what an answer has failed to say.
  else if (!isStreaming || failures > 0) timer = setTimeout(follow, delayMs)
}

function openStream() {
  closeStream()
  const { events, version } = root.dataset
  if (isOver || document.hidden || events === undefined) return
  stream = new EventSource(`${events}?after=${encodeURIComponent(version)}`)
  for (const name of ['hello', 'beat', 'change', 'end']) stream.addEventListener(name, hear)
  stream.onerror = () => {
    // It opens again by itself, unless it was refused.
    if (stream?.readyState === EventSource.CLOSED) mute()
  }
}

function hear({ type, lastEventId }) {
  isStreaming = true
  clearTimeout(silence)
  silence = setTimeout(mute, silentMs)
  if (type === 'end') closeStream()
  if (type === 'end' || (type === 'change' && lastEventId !== root.dataset.version)) {
    if (isAsking) isStale = true
    else void follow()
  } else if (failures === 0) clearTimeout(timer)
}

/** Asks by itself until the stream says something again. */
function mute() {
  isStreaming = false
  clearTimeout(silence)
  clearTimeout(timer)
  if (!isOver && !isAsking && failures < maxFailures) timer = setTimeout(follow, delayMs)
}

function closeStream() {
  stream?.close()
  stream = undefined
  isStreaming = false
  clearTimeout(silence)
}

/** A computer that wakes up, or a network that is back. */
function resume() {
  if (isOver) return
  // A tab that is not seen holds no connection: a browser has few of them for each site.
  if (document.hidden) return closeStream()
  failures = 0
  delayMs = every()
  openStream()
  void follow()
}

if (!isOver) {
  timer = setTimeout(follow, delayMs)
  openStream()
  addEventListener('online', resume)
  addEventListener('pagehide', closeStream)
  document.addEventListener('visibilitychange', resume)
}
