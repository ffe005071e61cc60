// A table of more rows than fit a page. The rows, the orders of its columns and the texts to search stand in small files beside
// the page, each a script that hands over what it holds, since a page opened from disk may not fetch.
for (const section of document.querySelectorAll("section.listing")) {
  const about = JSON.parse(section.dataset.about), {of, n, columns} = about, shownAtOnce = about.page
  const table = section.querySelector("table"), body = table.tBodies[0], box = table.parentElement
  const kept = new Map(), orders = new Map(), made = {all: false, names: new Set()}
  const state = {find: "", by: 0, down: false, page: 0}
  let texts = null, mask = null, found = n, turn = 0

  const make = (tag, props = {}, ...inside) => { const e = Object.assign(document.createElement(tag), props); e.append(...inside); return e }
  const many = k => k.toLocaleString("en-US")

  // What a data file says of itself when it is loaded: of which report it is, its name, and what it holds.
  const waiting = new Map()
  globalThis.autointerp = (whose, name, held) => waiting.get(name)?.(whose, held)
  const wrong = words => Object.assign(new Error(words), {told: true})
  const load = name => kept.get(name) ?? keep(name, new Promise((done, fail) => {
    const script = make("script", {src: `${encodeURIComponent(about.folder)}/${name}.js`, charset: "utf-8"})
    const end = then => (...said) => { waiting.delete(name); script.remove(); then(...said) }
    waiting.set(name, end((whose, held) => whose === of ? done(held) :
      fail(wrong(`${about.folder}/${name}.js is of another report than this page: make the report anew.`))))
    script.onerror = end(() => fail(wrong(`${about.folder}/${name}.js can't be read: the page needs the folder ${about.folder} beside it.`)))
    document.head.append(script)
  }))
  const keep = (name, promise) => {
    kept.set(name, promise)
    promise.catch(() => kept.delete(name))
    if (kept.size > 600) kept.delete(kept.keys().next().value)     // the oldest: memory doesn't grow with what was looked at
    return promise
  }
  const numbered = (k, digits) => String(k).padStart(digits, "0")

  // Rows in the order of a column: three bytes each; those without a value come last, whichever way it is sorted.
  async function order(column) {
    if (orders.has(column)) return orders.get(column)
    const bytes = atob(await load(`data/order/${column}`)), rows = new Uint32Array(n)
    for (let i = 0; i < n; i++) rows[i] = bytes.charCodeAt(3*i) | bytes.charCodeAt(3*i + 1) << 8 | bytes.charCodeAt(3*i + 2) << 16
    orders.set(column, rows)
    return rows
  }
  const place = (rows, known, down, k) => down && k < known ? rows[known - 1 - k] : rows[k]

  // Every word has to stand in the text; a number is also the id of a latent.
  const folded = text => text.normalize("NFC").toLowerCase()
  async function search(words, mine) {
    const files = Math.ceil(n/about.find)
    texts ??= Array(files)
    const next = new Uint8Array(n), all = folded(words).split(/\s+/).filter(Boolean)
    let hits = 0
    for (let f = 0; f < files; f++) {
      if (!texts[f]) {
        const [names, said] = await load(`data/find/${numbered(f, 3)}`)
        texts[f] = [names.split("\n"), folded(said).split("\n")]
        kept.delete(`data/find/${numbered(f, 3)}`)
        if (mine !== turn) return false
        if (f % 4 == 3) status.textContent = `searching … ${Math.round(100*(f + 1)/files)}%`
      }
      const [names, said] = texts[f]
      for (let i = 0; i < said.length; i++)
        if (all.every(word => said[i].includes(word)) || names[i] === words) { next[f*about.find + i] = 1; hits++ }
    }
    mask = next; found = hits
    return true
  }

  // The rows of one page of the list.
  async function places() {
    const {cell, known} = columns[state.by], rows = await order(cell), begin = state.page*shownAtOnce, chosen = []
    if (!mask) {
      for (let k = begin; k < Math.min(begin + shownAtOnce, n); k++) chosen.push(place(rows, known, state.down, k))
      return chosen
    }
    for (let k = 0, seen = 0; k < n && chosen.length < shownAtOnce; k++) {
      const row = place(rows, known, state.down, k)
      if (mask[row] && seen++ >= begin) chosen.push(row)
    }
    return chosen
  }
  async function held(row) {
    const piece = await load(`data/rows/${numbered(Math.floor(row/about.piece), 5)}`)
    return piece[row % about.piece]
  }

  function cell(column, text, head) {
    const inner = column.kind == "text" || column.kind == "wide" ? [make("bdi", {textContent: text})] : numbers(text)
    if (head) return make("th", {scope: "row"}, ...inner)
    const td = make("td", {className: column.kind == "text" ? "" : column.kind}, ...inner)
    if (column.kind == "score" && parseFloat(text) >= 0) td.style.setProperty("--v", Math.min(parseFloat(text), 1))
    return td
  }
  function numbers(text) {
    const cut = text.indexOf(" [")
    return cut < 0 ? [text] : [text.slice(0, cut), " ", make("small", {textContent: text.slice(cut + 1)})]
  }
  const line = values => {
    const tr = make("tr", {}, ...columns.map((c, i) => cell(c, values[c.cell] ?? "", !i)))
    linked(tr)
    return tr
  }

  // A latent whose page was made is a link; of another one the command that makes it is told.
  function linked(tr) {
    const th = tr.cells[0], name = th.textContent
    if (made.all || made.names.has(name))
      th.replaceChildren(make("a", {href: `${encodeURIComponent(about.folder)}/latents/${encodeURIComponent(name)}.html`, textContent: name}))
    else th.replaceChildren(make("button", {type: "button", textContent: name, title: "how its page is made", onclick: () => tell(tr, name)}))
  }
  function tell(tr, name) {
    if (tr.nextElementSibling?.className == "told") return tr.nextElementSibling.remove()
    const words = make("td", {colSpan: columns.length}, `The page of latent ${name} isn't made yet. Typed beside the run's folder, this makes it (then load this page again): `,
      make("code", {textContent: `${about.command} --latents ${name}`}))
    tr.after(make("tr", {className: "told"}, words))
  }

  // Controls.
  const input = make("input", {type: "search", placeholder: "words of an explanation, or a latent's number", autocomplete: "off", spellcheck: false})
  input.setAttribute("aria-label", "Search the explanations")
  const status = make("output"), form = make("form", {role: "search", onsubmit: e => e.preventDefault()}, input, status)
  status.setAttribute("aria-live", "polite")
  const button = (step, ...inside) => make("button", {type: "button", onclick: () => go({page: state.page + step})}, ...inside)
  const last = () => Math.max(Math.ceil(found/shownAtOnce) - 1, 0)
  const back = button(-1, "← ", make("span", {textContent: "previous"})), on = button(1, make("span", {textContent: "next"}), " →")
  back.setAttribute("aria-label", "previous page"); on.setAttribute("aria-label", "next page")
  const number = make("input", {type: "number", min: 1, onchange: () => go({page: number.value - 1})}), total = make("span")
  const pager = make("nav", {className: "pager"}, back, make("label", {}, "page ", number, " of ", total), on)
  pager.setAttribute("aria-label", "Pages of the list")
  box.before(form); box.after(pager)
  let pause
  input.oninput = () => { clearTimeout(pause); pause = setTimeout(() => go({find: input.value.trim(), page: 0}), 120) }
  const heads = [...table.querySelectorAll("thead th")]
  heads.forEach((th, i) => {
    const b = make("button", {type: "button"}, ...th.childNodes)
    th.append(b)
    b.onclick = () => go({by: i, down: state.by == i ? !state.down : columns[i].down, page: 0})
  })

  function dress() {
    heads.forEach((th, i) => state.by == i ? th.setAttribute("aria-sort", state.down ? "descending" : "ascending") : th.removeAttribute("aria-sort"))
    const begin = state.page*shownAtOnce, end = Math.min(begin + shownAtOnce, found)
    const which = mask ? `${many(found)} of ${many(n)} have “${state.find}”` : many(n)
    status.textContent = found ? `${many(begin + 1)} to ${many(end)} of ${which}` : `none of ${many(n)} has “${state.find}”`
    status.className = ""
    number.value = state.page + 1; number.max = last() + 1; total.textContent = many(last() + 1)
    back.disabled = state.page <= 0; on.disabled = state.page >= last()
    section.dataset.shown = JSON.stringify(state)
  }
  function written() {
    const parts = new URLSearchParams()
    if (state.find) parts.set("find", state.find)
    if (state.by) parts.set("by", state.by)
    if (state.down) parts.set("down", 1)
    if (state.page) parts.set("page", state.page + 1)
    return parts.toString()
  }
  function read() {
    const parts = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "")
    const whole = (name, none) => /^\d+$/.test(parts.get(name) ?? "") ? Number(parts.get(name)) : none
    const by = whole("by", 0)
    return {find: parts.get("find") ?? "", by: by < columns.length ? by : 0, down: parts.has("down"), page: whole("page", 1) - 1}
  }

  // Show what is asked for; whoever asks later wins.
  async function go(change, write = true) {
    const mine = ++turn, was = state.find
    Object.assign(state, change)
    try {
      if (!state.find) { mask = null; found = n }
      else if (state.find !== was || !mask) { if (!await search(state.find, mine)) return }
      state.page = Math.min(Math.max(Math.round(state.page) || 0, 0), last())
      const rows = await Promise.all((await places()).map(held))
      if (mine !== turn) return
      body.replaceChildren(...rows.map(line))
      dress()
      if (write) history.replaceState(null, "", written() ? `#${written()}` : location.pathname + location.search)
    } catch (e) {
      if (!e.told) throw e
      status.textContent = e.message; status.className = "bad"
    }
  }

  for (const tr of body.rows) linked(tr)
  dress()
  load("made").then(held => { made.all = held.all; made.names = new Set(held.names.split(" ")); for (const tr of body.rows) if (tr.className != "told") linked(tr) }, () => {})
  const begin = () => { const asked = read(); input.value = asked.find; if (location.hash.includes("=") || state.find) go(asked, false) }
  addEventListener("hashchange", begin)
  begin()
}
