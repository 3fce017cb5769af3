import { h, byId, say, ask, every, kept, whole, fixed, signed, statusPill } from "/files/dom.js";
import { Board, Chart, colours, onTheme } from "/files/charts.js";
import { RunModel } from "/files/model.js";

const ids = [...new Set(new URLSearchParams(location.search).getAll("id"))].slice(0, colours.length);
const runs = ids.map((id, n) => ({ id, colour: colours[n], model: new RunModel(), row: null, name: id, compared: null }));
const board = new Board(kept.get("axis", "batches")), file = () => "comparison";
let metric = null, smoothing = kept.get("smoothing", .8), shown = kept.get("marks", "some");

const host = byId("charts");
const loss = new Chart(board, host, { title: "Loss", note: "smoothed", file, value: value => fixed(value, 4) });
const recall = new Chart(board, host, { title: "Metric", note: "masked validation", file, value: value => fixed(value, 4) });
const rate = new Chart(board, host, { title: "Examples per second", note: "smoothed; simulated: virtual seconds", file, value: whole });
const staleness = new Chart(board, host, { title: "Mean staleness", note: "pushes to a row since it was pulled", file, value: value => fixed(value, 2) });
board.listeners.push(() => { byId("whole").hidden = board.zoomed === null; });

/** The end of a path tells runs apart. */
function name(run) { return run.name.length > 42 ? "…" + run.name.slice(-41) : run.name; }

/** Lines with x axes of their own over one that has all of their places. */
function overlay(chart, lines) {
  const some = lines.filter(line => line.x.length > 0);
  if (some.length === 0) { chart.show([], []); return; }
  const joined = some.length === 1 ? [some[0].x, some[0].values] : uPlot.join(some.map(line => distinct(line.x, line.values)));
  chart.show(joined[0], some.map((line, n) => ({ label: name(line.run), colour: line.run.colour, values: joined[n + 1], points: line.points })));
}

/** uPlot's join wants every x once: of lines that fall together the last counts. */
function distinct(x, values) {
  const xs = [], ys = [];
  x.forEach((at, n) => { if (xs.length && xs.at(-1) === at) ys[ys.length - 1] = values[n]; else { xs.push(at); ys.push(values[n]); } });
  return [xs, ys];
}

function draw() {
  const there = runs.filter(run => run.model.begin), virtual = there.length > 0 && there.every(run => run.model.simulated);
  byId("axis").querySelector("[value=virtual]").hidden = !virtual;
  if (board.axis === "virtual" && !virtual) board.axis = "batches";
  byId("axis").value = board.axis;
  board.extent = [0, Math.max(1e-9, ...there.map(run => run.model.end(board.axis)))];
  const names = [...new Set(there.flatMap(run => run.model.metrics))], select = byId("metric");
  if (select.options.length !== names.length) select.replaceChildren(...names.map(one => h("option", { value: one }, one)));
  if (!names.includes(metric)) metric = [kept.get("metric"), there[0]?.model.begin.cutoffs?.length ? "recall@" + there[0].model.begin.cutoffs[0] : "", names[0]].find(one => names.includes(one)) || null;
  select.value = metric || "";
  board.marks = shown === "none" ? [] : there.flatMap(run => run.model.notices.filter(notice => shown === "all" || notice.kind !== "checkpoint").map(notice => ({ ...notice, text: name(run) + ": " + notice.text, colour: run.colour })));
  const of = (key, smoothed) => there.map(run => { const line = run.model.line(board.axis, key, smoothing); return { run, x: line.x, values: smoothed ? line.smooth : line.raw }; });
  overlay(loss, of("loss", true));
  recall.figure.querySelector("h3").textContent = recall.title = metric || "Metric";
  overlay(recall, there.map(run => { const line = run.model.metric(board.axis, metric); return { run, x: line.x, values: line.values, points: true }; }));
  overlay(rate, of("rate", true));
  overlay(staleness, of("staleness", false));
  byId("runs").replaceChildren(...runs.map(run => h("li", {}, h("span", { class: "swatch", colour: `var(${run.colour})` }), h("a", { href: "/run?id=" + encodeURIComponent(run.id) }, run.name), " ", run.row ? statusPill(run.model.status || run.row.status) : "")));
}

let waiting = false;
/** Long runs take a while to read the first time: what is there is drawn meanwhile, but not so often that drawing takes longer. */
function later() { if (!waiting) { waiting = true; setTimeout(() => { if (waiting) draw(); waiting = false; }, 700); } }

function heads(first) { return h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "text" }, first), runs.map(run => h("th", { scope: "col", title: run.name }, h("span", { class: "swatch", colour: `var(${run.colour})` }), name(run))))); }

/** Runs are compared with the first that has a result. */
function base() { return runs.find(run => run.row && !["running", "crashed", "damaged"].includes(run.model.status)); }

function metrics() {
  const known = new Map(), first = base(), others = runs.filter(run => run !== first);
  if (!first) { byId("metrics").replaceChildren(h("p", { class: "note" }, "None of these runs has a result yet.")); return; }
  say(byId("against"), name(first));
  for (const run of others) for (const one of run.compared?.metrics || []) known.set(one.metric, one.first);
  const rows = [...known].filter(([key]) => /^(recall|ndcg)@/.test(key)).map(([key, value]) => h("tr", {}, h("th", { scope: "row", class: "text" }, key), runs.map(run => {
    if (run === first) return h("td", {}, fixed(value, 4));
    const found = run.compared?.metrics?.find(other => other.metric === key);
    if (!found) return h("td", {}, run.compared ? "–" : "…");
    const certain = found.low > 0 ? "ahead" : found.high < 0 ? "behind" : "";
    return h("td", { class: certain }, fixed(found.second, 4), found.difference === undefined ? null : h("small", { class: "interval" }, `${signed(found.difference, 4)} [${signed(found.low, 4)}, ${signed(found.high, 4)}]`));
  })));
  byId("metrics").replaceChildren(rows.length ? h("table", {}, heads("metric"), h("tbody", {}, rows)) : h("p", { class: "note" }, others.every(run => run.compared) ? "No other run has a result." : "Drawing the bootstrap…"));
  byId("unknown").replaceChildren(...others.filter(run => run.compared?.error || run.compared?.unknown).map(run => h("p", { class: "note" }, name(run) + ": " + (run.compared.error || "no intervals, for " + run.compared.unknown + "."))));
}

let turn = 0;
async function compare() {
  const mine = ++turn, first = base();
  for (const run of runs) run.compared = null;
  const { settings } = await ask("/api/compare/settings?" + ids.map(id => "id=" + encodeURIComponent(id)).join("&"));
  byId("settings").replaceChildren(settings.length ? h("table", {}, heads("setting"), h("tbody", {}, settings.map(setting => h("tr", {}, h("th", { scope: "row", class: "text" }, h("code", {}, setting.key)), setting.values.map(value => h("td", {}, value ?? "–")))))) : h("p", { class: "note" }, "None."));
  metrics();
  for (const run of runs.filter(run => first && run !== first)) {
    const compared = await ask(`/api/compare/metrics?first=${encodeURIComponent(first.id)}&second=${encodeURIComponent(run.id)}`).catch(failure => ({ error: failure.message }));
    if (mine !== turn) return; // a run has ended meanwhile
    run.compared = compared;
    metrics();
  }
}

async function read(run) {
  const [told, view] = await Promise.all([run.row ? null : ask("/api/runs/" + encodeURIComponent(run.id)), ask(`/api/runs/${encodeURIComponent(run.id)}/view`)]);
  if (told) { run.row = told.run; run.name = told.run.path; }
  run.model.take(view);
}

byId("axis").addEventListener("change", event => { board.axis = event.target.value; board.zoomed = null; kept.set("axis", board.axis); draw(); board.apply(); });
byId("metric").addEventListener("change", event => { metric = event.target.value; kept.set("metric", metric); draw(); });
byId("smoothing").value = smoothing;
byId("smoothing").addEventListener("input", event => { smoothing = Number(event.target.value); kept.set("smoothing", smoothing); draw(); });
byId("marks").value = shown;
byId("marks").addEventListener("change", event => { shown = event.target.value; kept.set("marks", shown); draw(); });
byId("whole").addEventListener("click", () => board.zoom(null));
onTheme(() => { draw(); for (const chart of board.charts) chart.redraw(); });

if (runs.length < 2) byId("few").hidden = false;
else {
  byId("all").hidden = false;
  let standing = "";
  every(2000, async () => {
    const due = runs.filter(run => !run.row || run.model.running);
    try { await Promise.all(due.map(run => read(run).then(later))); byId("problem").hidden = true; } catch (failure) { if (failure instanceof TypeError) throw failure; byId("problem").hidden = false; say(byId("problem"), failure.message); }
    waiting = false;
    draw();
    document.body.dataset.ready ??= String(Math.round(performance.now()));
    const now = runs.map(run => run.model.status).join();
    if (now !== standing) { standing = now; compare().catch(failure => { byId("problem").hidden = false; say(byId("problem"), failure.message); }); } // whoever ends has a result
    return runs.some(run => !run.row || run.model.running);
  });
}
