// Buttons that copy a secret without showing it. Without this script its reader opens and marks it.
const list = document.querySelector('[data-copied]')
const status = document.getElementById('copied')

// Browsers have it over TLS and on this machine only.
if (navigator.clipboard !== undefined)
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.hidden = false
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent)
      // Emptied first, so that screen readers say it each time.
      status.textContent = ''
      status.textContent = list.dataset.copied
    })
  }
