/** The page's script: filters the tests, and opens the service that a link points to. The content is complete without it. */
export const SCRIPT = `
const form = document.querySelector('.filter')
if (form) {
  form.hidden = false
  const rows = [...document.querySelectorAll('#all-tests tbody tr')].map((row) => [row, row.textContent.toLowerCase()])
  const input = document.getElementById('filter')
  const shown = document.getElementById('shown')
  form.addEventListener('submit', (event) => event.preventDefault())
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean)
    let count = 0
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.includes(word))
      if (!row.hidden) count++
    }
    shown.textContent = count + (count === 1 ? ' test' : ' tests')
  })
}
// A link to a service opens it
const reveal = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1))
  if (target && target.tagName === 'DETAILS') target.open = true
}
addEventListener('hashchange', reveal)
reveal()
`
