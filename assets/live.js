// A page that says how something goes on asks for itself again, and takes over what has changed.
// Without this script its readers follow the link that loads it again.
const root = document.getElementById('live')
const maxFailures = 5
let failures = 0

const every = () => Number(root?.dataset.every ?? 0)

/** Only what differs is written: screen readers say it once, and the focus stays. */
function take(fresh) {
  for (const part of root.querySelectorAll('[id^="live-"]')) {
    const other = fresh.querySelector(`#${part.id}`)
    if (other === null || withoutValues(other) === withoutValues(part)) continue
    if (part.contains(document.activeElement) && !part.matches('[role="status"]')) continue
    part.replaceChildren(...other.childNodes)
  }
  if (fresh.dataset.every === undefined) delete root.dataset.every
}

// Hidden fields, such as keys of forms, are new each time.
const withoutValues = ({ innerHTML }) => innerHTML.replaceAll(/ value="[^"]*"/g, '')

async function ask() {
  const reply = await fetch(location.href, { headers: { accept: 'text/html' } })
  if (!reply.ok || reply.redirected) throw new Error(String(reply.status))
  const page = new DOMParser().parseFromString(await reply.text(), 'text/html')
  const fresh = page.getElementById('live')
  if (fresh !== null) take(fresh)
}

async function follow() {
  if (every() === 0 || failures >= maxFailures) return
  if (!document.hidden) {
    try {
      await ask()
      failures = 0
    } catch {
      failures++
    }
  }
  setTimeout(follow, every() * 2 ** failures)
}

if (every() > 0) setTimeout(follow, every())
