for (const table of document.querySelectorAll("table.sortable")) table.querySelectorAll("th[scope=col]").forEach((th, i) => {
  const button = document.createElement("button"), number = th.className == "number"
  button.append(...th.childNodes); th.append(button)
  button.onclick = () => {
    const up = th.getAttribute("aria-sort") != "ascending", body = table.tBodies[0]
    const key = tr => { const text = tr.cells[i].textContent; return number ? parseFloat(text.replaceAll(",", "").replace("$", "")) : text }
    const none = x => x === "" || x !== x, order = ([a], [b]) => none(a) || none(b) ? none(a) - none(b) :
      (up ? 1 : -1) * (number ? a - b : a.localeCompare(b))
    table.querySelectorAll("th[scope=col]").forEach(x => x.removeAttribute("aria-sort"))
    th.setAttribute("aria-sort", up ? "ascending" : "descending")
    body.append(...[...body.rows].map(tr => [key(tr), tr]).sort(order).map(x => x[1]))
  }
})
