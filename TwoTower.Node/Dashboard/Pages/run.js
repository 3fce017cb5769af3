import { h, byId, say, ask, refusal, connected, kept, whole, fixed, statusPill } from "/files/dom.js";
import { Board, Chart, onTheme } from "/files/charts.js";
import { RunModel, baselineWords, baselineColours } from "/files/model.js";
import * as panels from "/files/panels.js";

const id = new URLSearchParams(location.search).get("id") || "", path = "/api/runs/" + encodeURIComponent(id);
const model = new RunModel(), board = new Board(kept.get("axis", "batches"));
let row = null, summary = null, paused = false, waiting = false, metric = null, smoothing = kept.get("smoothing", .8), shown = kept.get("marks", "some");

const charts = byId("charts"), file = () => (row?.path || id);
const loss = new Chart(board, charts, { title: "Loss", note: "per example; raw and smoothed", file, value: value => fixed(value, 4) });
const recall = new Chart(board, charts, { title: "Metric", note: "masked validation, 95 % interval", file, value: value => fixed(value, 4) });
const rate = new Chart(board, charts, { title: "Examples per second", file, value: whole });
const staleness = new Chart(board, charts, { title: "Mean staleness", note: "pushes to a row since it was pulled", file, value: value => fixed(value, 2) });
const lanes = new panels.Lanes(byId("workers"), board);
board.listeners.push(() => { byId("whole").hidden = board.zoomed === null; });

function later() { if (!waiting && !paused) { waiting = true; requestAnimationFrame(() => { waiting = false; draw(); }); } }

function draw() {
  head();
  const some = model.begin !== null;
  byId("nothing").hidden = some || model.status === ""; byId("all").hidden = byId("tools").hidden = !some;
  if (!some) return;
  byId("axis").querySelector("[value=virtual]").hidden = !model.simulated;
  if (board.axis === "virtual" && !model.simulated) board.axis = "batches";
  byId("axis").value = board.axis;
  board.extent = [0, model.end(board.axis)];
  board.marks = shown === "none" ? [] : model.notices.filter(notice => shown === "all" || notice.kind !== "checkpoint");
  metrics();
  const { x, raw, smooth } = model.line(board.axis, "loss", smoothing);
  loss.show(x, smoothing > 0 ? [{ label: "smoothed", colour: "--line1", values: smooth }, { label: "raw", colour: "--line1", faint: true, values: raw }] : [{ label: "loss", colour: "--line1", values: raw }]);
  recall.figure.querySelector("h3").textContent = recall.title = metric || "Metric";
  const line = model.metric(board.axis, metric);
  // Bars go over the whole axis: they were judged before the first batch.
  const ends = [0, ...line.x, ...(line.x.at(-1) === board.extent[1] ? [] : [board.extent[1]])].filter((value, n, all) => n === 0 || value > all[n - 1]), places = new Map(line.x.map((value, n) => [value, n])), at = ends.map(value => places.get(value) ?? -1);
  const pick = values => at.map(index => index < 0 ? null : values[index]);
  const bars = Object.entries(model.begin.baselines || {}).filter(([name, metrics]) => name !== "random" && metrics[metric] !== undefined && metrics[metric] !== null);
  recall.show(ends, [
    { label: "two towers", colour: "--line1", values: pick(line.values), points: true, band: line.low.some(value => value !== null) ? [pick(line.low), pick(line.high)] : undefined },
    ...bars.map(([name, metrics]) => ({ label: baselineWords[name] || name, colour: baselineColours[name] || "--line8", dash: true, values: ends.map(() => metrics[metric]) })),
    ...(model.begin.oracle?.[metric] === undefined ? [] : [{ label: "oracle", colour: "--line6", dash: true, values: ends.map(() => model.begin.oracle[metric]) }]),
  ]);
  const speed = model.line(board.axis, "rate", smoothing);
  rate.show(x, smoothing > 0 ? [{ label: model.simulated ? "per virtual second, smoothed" : "smoothed", colour: "--line3", values: speed.smooth }, { label: "raw", colour: "--line3", faint: true, values: speed.raw }] : [{ label: "examples/s", colour: "--line3", values: speed.raw }]);
  staleness.show(x, [{ label: "mean τ", colour: "--line4", values: model.progress.staleness }]);
  lanes.show(model);
  panels.bound(byId("bound"), model, summary);
  panels.histograms(byId("histograms"), model.histograms);
  panels.times(byId("time"), model.time);
  panels.shards(byId("shards"), byId("shards-note"), model);
  panels.members(byId("cluster"), byId("members"), model);
  panels.notices(byId("notices"), model, board.axis);
}

function head() {
  say(byId("name"), row?.path || "Run");
  document.title = `${row?.path || "Run"} · TwoTower`;
  const pill = byId("status"), status = model.status || row?.status;
  if (status && pill.dataset.status !== status) { pill.dataset.status = status; pill.replaceChildren(statusPill(status)); }
  const silent = model.running && model.heard !== undefined ? (performance.now() - model.heard) / 1000 : 0;
  say(byId("words"), {
    crashed: "It ended without a result: its process was killed, or it failed. What it had told until then is below.",
    damaged: row?.problem || "Its files cannot be read.",
    interrupted: "It was stopped as somebody asked, with its state saved: --resume goes on with it.", running: silent > 15 ? `At work, but it has told nothing for ${Math.round(silent)} s.` : "",
  }[status] || "");
  const bar = byId("progress"), total = model.begin?.totalBatches;
  bar.hidden = !total;
  if (total) { bar.max = total; bar.value = Math.min(total, model.batches); say(byId("done"), `${whole(model.batches)} of ${whole(total)} batches`); }
  panels.facts(byId("facts"), model, row);
}

function metrics() {
  const select = byId("metric"), names = model.metrics;
  if (select.options.length !== names.length) { select.replaceChildren(...names.map(name => h("option", { value: name }, name))); }
  if (!metric || !names.includes(metric)) metric = [kept.get("metric"), model.begin?.cutoffs?.length ? "recall@" + model.begin.cutoffs[0] : "", names[0]].find(name => names.includes(name)) || null;
  select.value = metric || "";
}

async function details() {
  const told = await ask(path), text = JSON.stringify(told);
  if (text === answered) return;
  answered = text; row = told.run; summary = told.summary || null;
  panels.result(byId("result"), summary, row.status);
  panels.settings(byId("settings"), told.config);
  byId("csv").href = path + "/progress.csv"; byId("json").href = path + "/run.json";
}

let events = null, timer = 0, turn = 0, seen = "", answered = "";

/** A run at work and looked at is followed by a stream; else it is asked for now and then, or not at all: a browser has six connections to a host, and a stream holds one. */
async function follow() {
  quiet();
  if (document.hidden && row) return;
  const mine = turn;
  try {
    await details();
    byId("problem").hidden = true;
    if (mine !== turn || document.hidden) return;
    if (row.status === "running") { listen(); return; }
    if (JSON.stringify(row) !== seen) {
      const view = await ask(path + "/view");
      if (mine !== turn) return;
      seen = JSON.stringify(row);
      take(view); // which may say that it is at work again; the next turn sees that
    }
    connected(true);
    timer = setTimeout(follow, 5000);
  } catch (failure) {
    if (mine !== turn) return;
    const refused = !(failure instanceof TypeError);
    connected(refused);
    if (refused) problem(failure);
    timer = setTimeout(follow, 3000);
  }
}

function quiet() { turn++; clearTimeout(timer); events?.close(); events = null; }

function listen() {
  seen = "";
  events = new EventSource(path + "/events");
  events.onopen = () => connected(true);
  events.onmessage = message => { take(JSON.parse(message.data)); if (!model.running) follow(); };
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) refused(turn); else connected(false); }; // what is not closed tries again by itself
}

/** A stream does not say why it was refused; who asks again is told. */
async function refused(mine) {
  const stop = new AbortController();
  const failure = await fetch(path + "/events", { signal: stop.signal }).then(answer => answer.ok ? null : refusal(answer), gone => gone);
  stop.abort();
  if (mine !== turn) return;
  if (failure) connected(false, failure);
  timer = setTimeout(follow, 3000);
}

function take(view) {
  model.take(view);
  document.body.dataset.batches = String(model.batches); // what has come, shown or not
  later();
}

function problem(failure) { byId("problem").hidden = false; say(byId("problem"), failure.message); }

byId("axis").addEventListener("change", event => { board.axis = event.target.value; board.zoomed = null; kept.set("axis", board.axis); draw(); board.apply(); });
byId("metric").addEventListener("change", event => { metric = event.target.value; kept.set("metric", metric); draw(); });
byId("smoothing").value = smoothing;
byId("smoothing").addEventListener("input", event => { smoothing = Number(event.target.value); kept.set("smoothing", smoothing); draw(); });
byId("marks").value = shown;
byId("marks").addEventListener("change", event => { shown = event.target.value; kept.set("marks", shown); draw(); });
byId("whole").addEventListener("click", () => board.zoom(null));
byId("pause").addEventListener("click", () => { paused = !paused; byId("pause").setAttribute("aria-pressed", String(paused)); say(byId("pause"), paused ? "Go on" : "Pause"); later(); });
byId("learned").href = "/learned?id=" + encodeURIComponent(id); byId("this").href = "/run?id=" + encodeURIComponent(id);
onTheme(() => { if (model.begin) draw(); for (const chart of board.charts) chart.redraw(); });
setInterval(() => { if (!paused && model.running) head(); }, 5000); // how long it has been silent
document.addEventListener("visibilitychange", follow);
follow();
