import { h, byId, say, ask, every, kept, whole, fixed, signed, statusPill, statusWords } from "/files/dom.js";

const MOST = 10; // lines that can be told apart
const time = run => run.started ? new Date(run.started) : null;
const started = run => time(run) ? [time(run).toLocaleDateString("sv-SE"), h("small", { class: "interval" }, time(run).toLocaleTimeString("sv-SE", { timeStyle: "short" }))] : "–";

const columns = [
  { key: "name", title: "Run", text: true, value: run => run.path },
  { key: "status", title: "Status", text: true, value: run => statusWords[run.status] || run.status },
  { key: "data", title: "Data", text: true, value: run => run.data ?? "" },
  { key: "workers", title: "Workers", value: run => run.workers },
  { key: "shards", title: "Shards", value: run => run.shards },
  { key: "consistency", title: "Consistency", text: true, value: run => run.consistency ?? "" },
  { key: "value", title: "recall", value: run => run.recall?.value },
  { key: "against", title: "− popularity", value: run => run.minusPopularity?.value },
  { key: "staleness", title: "Staleness", value: run => run.meanStaleness },
  { key: "rate", title: "Examples/s", value: run => run.examplesPerSecond },
  { key: "started", title: "Started", text: true, value: run => run.started || "" },
];

let runs = [], sort = kept.get("sort", { key: "started", down: true });
const pinned = new Set(kept.get("pinned", [])), chosen = new Set();
const rows = new Map();

function headings() {
  byId("runs").tHead.replaceChildren(h("tr", {},
    h("th", { scope: "col" }, h("span", { class: "unseen" }, "Compare")),
    h("th", { scope: "col" }, h("span", { class: "unseen" }, "Pin")),
    columns.map(column => h("th", { scope: "col", class: column.text ? "text" : "", "data-key": column.key }, h("button", { type: "button", onclick: () => order(column) }, column.title)))));
}

function order(column) {
  sort = { key: column.key, down: sort.key === column.key ? !sort.down : !column.text };
  kept.set("sort", sort);
  draw();
}

function row(run, common) {
  const old = rows.get(run.id), content = JSON.stringify([run, common]);
  if (old && old.content === content) return old.element;
  const box = old?.box || h("input", { type: "checkbox", onchange: () => { box.checked ? chosen.add(run.id) : chosen.delete(run.id); choice(); } });
  box.setAttribute("aria-label", "Compare " + run.path);
  const pin = old?.pin || h("button", { type: "button", class: "pin", onclick: () => { pinned.has(run.id) ? pinned.delete(run.id) : pinned.add(run.id); kept.set("pinned", [...pinned]); draw(); } }, "★");
  pin.setAttribute("aria-label", "Pin " + run.path);
  const link = old?.link || h("a", { href: "/run?id=" + run.id });
  say(link, run.path);
  const difference = run.minusPopularity;
  const element = old?.element || h("tr", {});
  element.replaceChildren(
    h("td", {}, box), h("td", {}, pin),
    h("td", { class: "text name" }, link, h("small", {}, run.problem || run.recipe + (run.command === "simulate" ? " · simulated" : ""))),
    h("td", { class: "text" }, statusPill(run.status), run.status === "running" && known(run.done) ? h("span", { class: "interval" }, " " + Math.floor(100 * run.done) + " %") : null),
    h("td", { class: "text data", title: run.data }, run.data ?? "–"),
    h("td", {}, whole(run.workers)), h("td", {}, whole(run.shards)), h("td", { class: "text" }, run.consistency ?? "–"),
    h("td", {}, run.recall ? [run.metric !== common ? h("span", { class: "interval" }, run.metric + " ") : null, fixed(run.recall.value, 4), range(run.recall, fixed)] : "–"),
    h("td", { class: !known(difference?.low) ? "" : difference.low > 0 ? "ahead" : difference.high < 0 ? "behind" : "" }, signed(difference?.value, 4), range(difference, signed)),
    h("td", {}, fixed(run.meanStaleness, 2)), h("td", {}, whole(run.examplesPerSecond)),
    h("td", { class: "text" }, started(run)));
  rows.set(run.id, { content, element, box, pin, link });
  return element;
}

const known = value => value !== undefined && value !== null;
function range(interval, format) { return known(interval?.low) ? h("small", { class: "interval" }, `[${format(interval.low, 4)}, ${format(interval.high, 4)}]`) : null; }

/** The metric that most runs have stands in the heading; only others say theirs in the cell. */
function commonMetric() {
  const counts = new Map();
  for (const run of runs) if (run.metric) counts.set(run.metric, (counts.get(run.metric) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function matching() {
  const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  return runs.filter(run => {
    const text = [run.path, run.recipe, run.command, run.data, run.consistency, statusWords[run.status] || run.status, run.workers + " workers", run.shards + " shards"].join(" ").toLowerCase();
    return words.every(word => text.includes(word));
  });
}

function draw() {
  const common = commonMetric(), column = columns.find(one => one.key === sort.key) || columns[0], down = sort.down ? -1 : 1;
  const shown = matching().sort((a, b) => {
    const pin = pinned.has(b.id) - pinned.has(a.id);
    if (pin) return pin;
    const [x, y] = [column.value(a), column.value(b)];
    if (!known(x) || !known(y)) return !known(x) - !known(y); // what is not known is last, whichever way
    return (x < y ? -1 : x > y ? 1 : 0) * down || (a.path < b.path ? -1 : 1);
  });
  for (const heading of byId("runs").tHead.rows[0].cells) {
    if (!heading.dataset.key) continue;
    if (heading.dataset.key === sort.key) heading.setAttribute("aria-sort", sort.down ? "descending" : "ascending"); else heading.removeAttribute("aria-sort");
    if (heading.dataset.key === "value") say(heading.firstChild, common || "recall");
  }
  const body = byId("runs").tBodies[0], elements = shown.map(run => {
    const element = row(run, common), pin = rows.get(run.id).pin;
    element.className = pinned.has(run.id) ? "pinned" : "";
    pin.setAttribute("aria-pressed", pinned.has(run.id));
    rows.get(run.id).box.checked = chosen.has(run.id);
    return element;
  });
  if (elements.length !== body.rows.length || elements.some((element, n) => body.rows[n] !== element)) {
    const focus = document.activeElement;
    body.replaceChildren(...elements);
    if (focus !== document.activeElement && body.contains(focus)) focus.focus();
  }
  byId("region").hidden = byId("explained").hidden = shown.length === 0;
  byId("empty").hidden = runs.length > 0;
  byId("unmatched").hidden = runs.length === 0 || shown.length > 0;
  say(byId("count"), runs.length === 0 ? "" : shown.length === runs.length ? `${runs.length} run${runs.length === 1 ? "" : "s"}` : `${shown.length} of ${runs.length} runs`);
  choice();
}

function choice() {
  const button = byId("compare");
  button.disabled = chosen.size < 2 || chosen.size > MOST;
  say(button, chosen.size > MOST ? `Compare (at most ${MOST})` : chosen.size > 0 ? `Compare ${chosen.size}` : "Compare");
  byId("none").hidden = chosen.size === 0;
}

byId("filter").addEventListener("input", draw);
byId("compare").addEventListener("click", () => { location.href = "/compare?" + [...chosen].map(id => "id=" + id).join("&"); });
byId("none").addEventListener("click", () => { chosen.clear(); draw(); byId("filter").focus(); });
headings();
every(2000, async () => {
  runs = (await ask("/api/runs")).runs;
  const there = new Set(runs.map(run => run.id));
  for (const id of [...chosen]) if (!there.has(id)) chosen.delete(id);
  draw();
});
