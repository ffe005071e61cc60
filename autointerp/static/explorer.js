// The page of the explorer: the kernel answers small messages, this draws them.
// Every string enters the page as a text node, and nothing is ever parsed as HTML.

// Small things: elements, a token as shaded as the kernel says, a window, a histogram, an interval.

const put = (node, more, kids) => {
  for (const [key, value] of Object.entries(more)) {
    if (key in node && !(node instanceof SVGElement)) node[key] = value
    else node.setAttribute(key, value)
  }
  node.append(...kids)
  return node
}
const el = (tag, more = {}, ...kids) => put(document.createElement(tag), more, kids)
const SVG = "http://www.w3.org/2000/svg"
const svg = (tag, more = {}, ...kids) => put(document.createElementNS(SVG, tag), more, kids)
const some = (condition, ...nodes) => condition ? nodes : []

const token = ([text, note, shade]) => {
  if (!shade) return text
  const mark = el("mark", {textContent: text, className: shade < 0 ? "ai-lost" : ""})
  mark.dataset.note = `“${text}” ${note}`
  mark.style.setProperty("--shade", Math.abs(shade))
  return mark
}
// Hebrew or Arabic must not turn the rest of the line.
const draw = tokens => el("bdi", {className: "ai-window"}, ...tokens.map(token))

const bars = ({label, bars}) => {
  const bar = ([height, note], x) =>
    svg("rect", {x, y: 1 - height, width: .9, height}, svg("title", {}, note))
  const box = {viewBox: `0 0 ${bars.length} 1`, preserveAspectRatio: "none", class: "ai-bars"}
  return svg("svg", {role: "img", "aria-label": label, ...box}, ...bars.map(bar))
}

const line = ({value, lo, hi, said, chance}) => {
  const blue = "rgb(0,114,178)"
  const axis = svg("path", {d: "M0 6H100", stroke: "currentColor", opacity: .25})
  const dashed = {stroke: "currentColor", "stroke-dasharray": "2 2"}
  const guess = () => svg("path", {d: `M${100 * chance} 0V12`, ...dashed})
  const range = () => svg("path", {d: `M${100 * lo} 6H${100 * hi}`, stroke: blue, "stroke-width": 3})
  const point = svg("circle", {cx: 100 * value, cy: 6, r: 4, fill: blue})
  const parts = [axis, ...(chance == null ? [] : [guess()]), ...(lo == null ? [] : [range()]), point]
  return svg("svg", {role: "img", "aria-label": said, viewBox: "-5 0 110 12", class: "ai-line"}, ...parts)
}

// The card: facts, explanations, what it promotes, neighbours to click, the strongest windows, and windows by decile.

const chip = ([token, logit]) => {
  const title = `logit ${logit > 0 ? "+" : ""}${logit}`
  return el("span", {className: "ai-chip", title}, el("bdi", {textContent: token}))
}
const chips = (name, pairs) => some(pairs.length, el("dt", {}, name), el("dd", {}, ...pairs.map(chip)))

const neighbour = go => ([id, similarity, text]) => {
  const number = similarity.toFixed(2), className = "ai-chip"
  if (text == null) return el("span", {className, textContent: `${id} (${number})`, title: "not in this run"})
  const more = {className, title: text || "not explained", onclick: () => go(id)}
  return el("button", more, `${id} `, el("small", {textContent: number}))
}
const near = (list, go) =>
  some(list.length, el("dt", {}, "neighbours"), el("dd", {}, ...list.map(neighbour(go))))

const explained = ({text, reason, by}) => {
  const words = text ? el("bdi", {textContent: text}) : el("span", {textContent: `No explanation: ${reason}`})
  return el("p", {className: "ai-said"}, words, el("small", {textContent: ` (${by})`}))
}
const histogram = h => {
  const words = ["0", "activation (log count)", h.peak]
  const caption = el("figcaption", {}, ...words.map(t => el("span", {textContent: t})))
  return el("figure", {}, bars(h), caption)
}
const block = ({name, peak, windows}) => {
  const head = el("th", {scope: "row"}, name, ...some(peak, el("small", {textContent: `peak ${peak}`})))
  return el("tr", {}, head, el("td", {}, ...windows.map(w => el("div", {}, draw(w)))))
}
const card = (c, go) => [
  el("p", {textContent: c.facts}),
  ...some(c.note, el("p", {textContent: c.note})),
  ...some(c.lacks, el("p", {textContent: c.lacks})),
  ...c.said.map(explained),
  el("div", {className: "ai-scores", ariaLive: "polite"}),      // filled in when they arrive
  ...(c.histogram ? [histogram(c.histogram)] : []),
  el("dl", {}, ...chips("promotes", c.promotes), ...chips("suppresses", c.suppresses), ...near(c.near, go)),
  el("table", {}, el("tbody", {}, ...c.blocks.map(block)))]

// Scores, what each token gained, and what each scorer got wrong.

const mistake = ({fires, value, window}) => {
  const said = `${fires ? "fires" : "silent"}, judged ${value.toFixed(2)} `
  return el("div", {}, el("small", {textContent: said}), draw(window))
}
const errors = ({n_wrong, wrong}) => {
  const rest = n_wrong <= wrong.length ? "" : wrong.length ? `, ${wrong.length} shown` : ", none of its own"
  const said = `${n_wrong} window${n_wrong == 1 ? "" : "s"} judged wrong${rest}`
  if (!wrong.length) return n_wrong ? [el("small", {textContent: said})] : []
  return [el("details", {}, el("summary", {textContent: said}), ...wrong.map(mistake))]
}
const gain = ({total, window}) => el("div", {}, el("small", {textContent: `${total} `}), draw(window))
const gains = s => {
  const title = el("summary", {textContent: "tokens made less (blue) or more surprising (orange)"})
  return s.gains.length ? [el("details", {}, title, ...s.gains.map(gain))] : []
}
const scoreLine = (s, several) => {
  const [first, ...rest] = s.metrics, named = m => `${m.name} ${m.said}`
  const small = [...rest.map(named), `${s.n} answered`, `${s.unanswered} unanswered`].join(" · ")
  const drawn = first && first.value != null && first.chance != null
  return el("div", {className: "ai-score"}, el("b", {textContent: s.scorer}),
    ...some(several, el("small", {textContent: s.explainer})),
    ...(drawn ? [line(first)] : []),
    el("span", {textContent: first ? named(first) : ""}), el("small", {textContent: small}))
}
const scored = lines => lines.map(s => {
  const several = lines.some(other => other.explainer != s.explainer)
  return el("section", {}, scoreLine(s, several), ...gains(s), ...errors(s))
})

// The list shows only the rows in sight: a spacer as tall as all rows makes the scroll bar honest, and a scroll
// asks for the stretch that came into view. An answer that arrives after the reader has moved on is dropped.

const ROW = 44      // pixels

const row = (key, r, at, shown, go) => {
  const more = {role: "option", id: `${key}-${r.id}`, className: "ai-row", onclick: () => go(r.id)}
  const text = el("bdi", {textContent: r.text || "not explained", className: r.text ? "" : "ai-none"})
  const numbers = [r.density, ...(r.score == null ? [] : [`${shown} ${r.score.toFixed(2)}`])].join(" · ")
  const node = el("div", more, el("b", {textContent: r.name}), text, el("small", {textContent: numbers}))
  node.dataset.id = r.id
  node.style.top = `${at * ROW}px`
  return node
}
const nothing = (text, onlyChosen) => {
  const among = onlyChosen ? " among the latents that the run chose" : ""
  const found = `Nothing found: no explanation has “${text}” in it, and no latent this id${among}.`
  return el("p", {className: "ai-nothing", role: "status", textContent: text ? found : "No latents."})
}

const latents = (ask, go) => {
  const key = "ai" + Math.random().toString(36).slice(2)
  const hint = {placeholder: "explanation or id", ariaLabel: "Search explanations and ids"}
  const search = el("input", {type: "search", ...hint})
  const sort = el("select", {ariaLabel: "Sort by"})
  const down = el("button", {textContent: "↑", title: "smallest first", ariaLabel: "Change direction"})
  const every = el("input", {type: "checkbox"}), count = el("small"), tall = el("div", {className: "ai-tall"})
  const label = "Latents; up and down arrows move"
  const box = el("div", {className: "ai-list", tabIndex: 0, role: "listbox", ariaLabel: label}, tall)
  let ids = new Map(), total = 0, turn = 0, picked = null

  const wish = more => {
    const order = {by: sort.value || "id", down: down.textContent == "↓"}
    return ask("rows", {text: search.value, chosen: !every.checked, ...order, ...more})
  }

  const sortable = scorers => {
    if (sort.options.length) return
    const columns = ["id", "density", "peak", "text", ...scorers]
    sort.append(...columns.map(o => el("option", {value: o, textContent: o})))
  }
  const fill = async start => {
    const mine = ++turn, m = await wish({start, n: 60})
    if (mine != turn) return
    const whole = m.picked == 0 || m.picked == m.all
    sortable(m.scorers)
    every.parentNode.hidden = whole
    total = m.total
    count.textContent = `${total.toLocaleString("en")} of ${m.all.toLocaleString("en")} latents`
    tall.style.height = `${total * ROW}px`
    ids = new Map(m.rows.map((r, k) => [r.id, start + k]))
    const rows = m.rows.map((r, k) => row(key, r, start + k, m.shown, go))
    tall.replaceChildren(...(total ? rows : [nothing(search.value.trim(), !whole && !every.checked)]))
    mark(picked)
    return m
  }
  const mark = id => {
    picked = id
    box.removeAttribute("aria-activedescendant")
    for (const r of tall.querySelectorAll(".ai-row")) {
      const on = r.dataset.id == id
      r.ariaSelected = String(on)
      if (on) box.setAttribute("aria-activedescendant", r.id)
    }
  }
  const again = () => { box.scrollTop = 0; return fill(0) }
  const place = async by => {      // of the latent in view; where it isn't listed, before the first
    const known = ids.get(picked) ?? (await wish({n: 0, seek: picked ?? -1})).at
    return known ?? (by > 0 ? -1 : 0)
  }
  const step = async by => {
    const k = await place(by) + by
    if (k < 0 || k >= total) return
    if (![...ids.values()].includes(k)) await fill(Math.max(0, k - 30))
    box.scrollTop = Math.min(Math.max(box.scrollTop, (k + 1) * ROW - box.clientHeight), k * ROW)
    for (const [id, at] of ids) if (at == k) return go(id)
  }
  box.onscroll = () => {
    const top = Math.floor(box.scrollTop / ROW), at = [...ids.values()]
    if (top < at[0] || top + box.clientHeight / ROW > at.at(-1) + 1) fill(Math.max(0, top - 20))
  }
  box.onkeydown = e => {
    const by = {ArrowDown: 1, ArrowUp: -1}[e.key]
    if (by) { e.preventDefault(); step(by) }
  }
  search.oninput = every.onchange = sort.onchange = again
  down.onclick = () => {
    const rising = down.textContent == "↓"
    down.textContent = rising ? "↑" : "↓"
    down.title = rising ? "smallest first" : "largest first"
    again()
  }
  const tools = el("div", {className: "ai-tools"}, el("label", {}, "sort ", sort), down)
  const also = el("label", {}, every, " also latents that the run didn't choose")
  return {node: el("div", {className: "ai-side"}, search, tools, also, count, box), again, mark, step}
}

// The page: questions to the kernel and its answers, the card in view, and the list beside it.

const line_to = (model, complain) => {
  const waiting = new Map(), key = Math.random().toString(36).slice(2)
  let n = 0
  const hear = m => {
    const done = waiting.get(m.turn)
    waiting.delete(m.turn)
    if (done && m.error) complain(m.error)
    else done?.(m.said)
  }
  const ask = (kind, more) => new Promise(done => {
    const turn = key + n++
    waiting.set(turn, done)
    model.send({kind, turn, ...more})
  })
  return {ask, hear}
}

function render({model, el: root}) {
  let now = null, timer = 0
  const hint = "Point at a marked token to read its strength."
  const status = el("output", {className: "ai-status", textContent: hint})
  const title = el("h3"), body = el("div")
  const {ask, hear} = line_to(model, error => { status.textContent = error })

  const scores = async id => {
    const said = await ask("scores", {latent: id})
    if (now !== id) return
    body.querySelector(".ai-scores").replaceChildren(...scored(said))
    root.dataset.scored = id
  }
  const show = async id => {
    const began = performance.now()
    now = id
    list.mark(id)
    const c = await ask("card", {latent: id})
    if (now !== id) return
    title.textContent = c.name
    body.replaceChildren(...card(c, go))
    main.scrollTop = 0
    list.mark(id)
    root.dataset.latent = id
    root.dataset.ms = (performance.now() - began).toFixed(1)
    clearTimeout(timer)
    timer = setTimeout(() => scores(id), 80)
  }
  const go = id => {
    model.set("latent", id)
    model.save_changes()
    if (now !== id) show(id)
  }
  const list = latents(ask, go)
  const back = el("button", {textContent: "‹", ariaLabel: "Previous latent", onclick: () => list.step(-1)})
  const next = el("button", {textContent: "›", ariaLabel: "Next latent", onclick: () => list.step(1)})
  const head = el("div", {className: "ai-head"}, title, back, next, status)
  const main = el("div", {className: "ai-main"}, head, body)
  const point = e => {
    const m = e.target.closest?.("mark")
    if (m) status.textContent = m.dataset.note
  }
  const moved = () => {
    if (model.get("latent") !== now && model.get("latent") >= 0) show(model.get("latent"))
  }
  main.addEventListener("pointerover", point)
  main.addEventListener("click", point)
  model.on("msg:custom", hear)
  model.on("change:latent", moved)
  root.classList.add("ai-explorer")
  root.append(el("div", {className: "ai-both"}, list.node, main))
  list.again().then(m => {
    if (model.get("latent") >= 0) show(model.get("latent"))
    else if (m.rows.length) go(m.rows[0].id)
    else title.textContent = "No latents"
  })
  return () => { model.off("msg:custom", hear); model.off("change:latent", moved) }
}
export default { render }
