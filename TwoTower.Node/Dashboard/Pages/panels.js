// The parts of a run's page that are no line charts.
import { h, say, whole, fixed, short, bytes, percent, signed, duration } from "/files/dom.js";
import { css, markOf, drawMarks, axes } from "/files/charts.js";
import { baselineWords } from "/files/model.js";

function table(head, rows, attributes) {
  return h("table", attributes || {}, h("thead", {}, h("tr", {}, head.map(([title, text]) => h("th", { scope: "col", class: text ? "text" : "" }, title)))), h("tbody", {}, rows));
}

const cap = 1024; // τ from this on is counted together

/** Bins that double, so that a long tail has a place: 0, 1, 2, 3–4, 5–8, … */
function bins(largest) {
  const list = [[0, 0]];
  for (let to = 1; list.at(-1)[1] < largest; to *= 2) list.push([list.at(-1)[1] + 1, to]);
  return list;
}

const rank = bucket => (bucket.startsWith("user") ? 0 : 100) + (parseInt(bucket.split("top ")[1]) || 99); // users, then items; the most popular first

export function histograms(host, found) {
  const entries = Object.entries(found || {}).filter(([, counts]) => counts.some(count => count > 0)).sort(([a], [b]) => rank(a) - rank(b));
  if (entries.length === 0) { host.replaceChildren(h("p", { class: "note" }, "No pushed row was counted yet.")); return; }
  const columns = bins(Math.max(...entries.map(([, counts]) => counts.findLastIndex(count => count > 0))));
  const rows = entries.map(([bucket, counts]) => {
    const all = counts.reduce((sum, count) => sum + count, 0), mean = counts.reduce((sum, count, tau) => sum + tau * count, 0) / all, least = counts[cap] > 0 ? "≥ " : "";
    return h("tr", {}, h("th", { scope: "row", class: "text" }, bucket.replace("/", ", ")), columns.map(([from, to]) => {
      const count = counts.slice(from, to + 1).reduce((sum, one) => sum + one, 0), share = count / all, cell = h("td", { title: whole(count) + " rows" }, count > 0 ? percent(share) : "·");
      cell.style.background = count > 0 ? `rgba(${css("--heat")},${.08 + .55 * Math.sqrt(share)})` : "";
      return cell;
    }), h("td", {}, least + fixed(mean, 2)), h("td", {}, short(all)));
  });
  host.replaceChildren(table([["pushed rows by τ", true], ...columns.map(([from, to]) => [from === to ? String(from) : to >= cap ? from + " and more" : from + "–" + to]), ["mean"], ["rows"]], rows, { class: "heat" }));
}

/** What was asked for beside what was measured. */
export function bound(host, model, summary) {
  const asked = model.begin?.consistency || "", measured = summary?.staleness, spread = clocks(model);
  const allowed = asked === "bsp" ? "bsp: every push of an earlier clock is seen" : asked.startsWith("ssp:") ? `${asked}: at most ${asked.slice(4)} clocks behind` : asked === "asp" ? "asp: no bound" : asked;
  const parts = [`Asked for ${allowed}.`];
  if (measured) parts.push(`Measured: at most ${whole(measured.maxClocks)} clocks${measured.bound === null || measured.bound === undefined ? "" : `, ${whole(measured.boundViolations)} pulls beyond the bound`}; per row mean ${fixed(measured.mean, 2)}, p99 ${whole(measured.p99)}, most ${whole(measured.max)} pushes.`);
  else if (spread !== null) parts.push(`Measured so far: workers' clocks are ${whole(spread)} apart now; per row mean ${fixed(model.progress.staleness.findLast(value => value !== null), 2)} pushes.`);
  say(host, parts.join(" "));
}

function clocks(model) {
  const known = (model.workers || []).filter(worker => worker.state !== "lost" && worker.clock !== undefined && worker.clock !== null).map(worker => worker.clock);
  return known.length ? Math.max(...known) - Math.min(...known) : null;
}

const parts = [["gemm", "matrix products", "--line1"], ["softmax", "loss", "--line6"], ["gradient", "rest of the gradient", "--line10"], ["gather", "gathering rows", "--line3"], ["pull", "pulling rows", "--line5"], ["push", "pushing gradients", "--line2"], ["apply", "applying on shards", "--line4"], ["wait", "waiting", "--line8"]];

export function times(host, time) {
  const known = parts.filter(([name]) => time?.[name] !== undefined), all = known.reduce((sum, [name]) => sum + time[name], 0);
  if (all <= 0) { host.replaceChildren(h("p", { class: "note" }, "Not told: in a simulation time is virtual.")); return; }
  host.replaceChildren(
    h("div", { class: "bar", "aria-hidden": "true" }, known.map(([name, , colour]) => { const part = h("span", { width: 100 * time[name] / all + "%" }); part.style.background = `var(${colour})`; return part; })),
    table([["part", true], ["seconds"], ["share"]], known.map(([name, words, colour]) => h("tr", {}, h("th", { scope: "row", class: "text" }, h("span", { class: "swatch", colour: `var(${colour})` }), words), h("td", {}, fixed(time[name], 1)), h("td", {}, percent(time[name] / all))))));
}

export function shards(host, note, model) {
  const homes = new Map((model.members?.shards || []).map(place => [place.shard, place.address])), list = model.shards || [...homes.keys()].map(id => ({ id }));
  if (list.length === 0) { say(note, ""); host.replaceChildren(h("p", { class: "note" }, "Not told yet, or not at all: above 64 shards there is no line for each.")); return; }
  const most = Math.max(1, ...list.map(shard => shard.bytes || 0)), mean = list.reduce((sum, shard) => sum + (shard.bytes || 0), 0) / list.length;
  say(note, model.shards && mean > 0 ? `busiest ${fixed(most / mean, 2)} times the mean` : "how much they do has not been told yet");
  host.replaceChildren(table([["shard", true], ["bytes in and out"], ["pulls"], ["pushes"], ...(homes.size ? [["node", true]] : [])], list.map(shard => h("tr", {},
    h("th", { scope: "row", class: "text" }, "shard " + shard.id),
    h("td", {}, shard.bytes === undefined ? "–" : [h("span", { class: "load", "aria-hidden": "true" }, h("i", { width: 100 * shard.bytes / most + "%" })), h("span", { class: "amount" }, bytes(shard.bytes))]), h("td", {}, whole(shard.pulls)), h("td", {}, whole(shard.pushes)),
    homes.size ? h("td", { class: "text" }, homes.get(shard.id) || "on its way") : null))));
}

export function members(section, host, model) {
  section.hidden = !model.members;
  if (!model.members) return;
  const ended = !model.running;
  host.replaceChildren(ended ? h("p", { class: "note" }, "As it was when the run last told; the run is not at work now.") : "", table([["node", true], ["roles", true], ["status", true], ["shards", true]], model.members.members.map(member => h("tr", {},
    h("th", { scope: "row", class: "text" }, member.address), h("td", { class: "text" }, member.roles.join(", ")),
    h("td", { class: "text" }, h("span", { class: ended ? "soft" : member.reachable ? "" : "behind" }, ended ? "gone" : member.reachable ? member.status : member.status + ", not reachable")),
    h("td", { class: "text" }, (model.members.shards || []).filter(place => place.address === member.address).map(place => place.shard).join(", ") || "–")))));
}

const laneHeight = 16, laneGap = 4, laneLeft = 84, laneTop = 9; // marks have their heads above the lanes

/** A lane for every worker: computing, waiting, lost; and a table that says the same. */
export class Lanes {
  constructor(host, board) {
    this.board = board; this.canvas = h("canvas", { class: "lanes", role: "img", "aria-label": "What each worker was doing; the table below says what it does now" }); this.rows = h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Workers" });
    this.words = h("p", { class: "note" }); this.note = h("p", { class: "note" }, "Nothing is told of single workers (above 64, or before the first batch).");
    this.key = h("p", { class: "note" }, [["rgb(var(--compute))", "holds a batch (pulls, computes, pushes)"], ["var(--rule)", "waits"], ["var(--bad)", "lost"]].flatMap(([colour, words]) => [h("span", { class: "key" }, h("span", { class: "swatch", colour }), words), " "]));
    host.append(this.note, this.key, this.canvas, this.words, h("details", {}, h("summary", {}, "As a table"), this.rows));
    board.listeners.push(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  show(model) {
    this.model = model;
    const ids = Object.keys(model.lanes.cells).map(Number).sort((a, b) => a - b), some = ids.length > 0;
    this.ids = ids; this.note.hidden = some; this.canvas.hidden = this.key.hidden = !some; this.rows.parentElement.hidden = !some;
    const running = model.running, told = model.workers || [], gone = told.filter(worker => worker.state === "lost").length; // lanes are of all that ever were; the latest line, of those that are
    say(this.words, !some ? "" : !running ? `The run is not at work; no worker is.${gone ? ` Lost before: ${gone}.` : ""}` : model.workers ? `${told.length - gone} at work${gone ? `, ${gone} lost` : ""}` : "Nothing is told of single workers now (above 64, or before the first batch).");
    this.rows.replaceChildren(table([["worker", true], ["now", true], ["clock"], ["batches"]], told.map(worker => h("tr", {}, h("th", { scope: "row", class: "text" }, "worker " + worker.id),
      h("td", { class: "text" + (worker.state === "lost" ? " behind" : "") }, worker.state === "lost" ? "lost" : running ? worker.state : "gone"), h("td", {}, running ? whole(worker.clock) : "–"), h("td", {}, whole(worker.batches))))));
    this.draw();
  }

  draw() {
    if (!this.model || !this.ids?.length) return;
    const ratio = devicePixelRatio || 1, width = this.canvas.clientWidth, height = laneTop + this.ids.length * (laneHeight + laneGap) + 20, c = this.canvas.getContext("2d");
    this.canvas.style.height = height + "px";
    this.canvas.width = Math.round(width * ratio); this.canvas.height = Math.round(height * ratio);
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [min, max] = this.board.range, room = Math.max(10, width - laneLeft - 8), at = value => laneLeft + (value - min) / Math.max(1e-9, max - min) * room;
    const starts = this.model.lanes[this.board.axis], end = this.model.end(this.board.axis), compute = css("--compute"), wait = css("--rule"), lost = css("--bad");
    c.font = "12px system-ui, sans-serif"; c.textBaseline = "middle";
    this.ids.forEach((id, lane) => {
      const y = laneTop + lane * (laneHeight + laneGap), cells = this.model.lanes.cells[id];
      c.fillStyle = css("--soft"); c.textAlign = "right"; c.fillText("worker " + id, laneLeft - 8, y + laneHeight / 2);
      for (let n = 0; n < cells.length; n++) {
        const from = Math.max(laneLeft, at(starts[n])), to = Math.min(laneLeft + room, at(n + 1 < starts.length ? starts[n + 1] : Math.max(end, starts[n])));
        if (cells[n] === " " || to < laneLeft || from > laneLeft + room) continue;
        const left = Math.floor(from), width = Math.max(1, Math.floor(to) - left); // whole pixels: halves would leave seams
        c.fillStyle = cells[n] === "x" ? lost : wait; c.fillRect(left, y, width, laneHeight);
        if (cells[n] > "0" && cells[n] <= "9") { c.fillStyle = `rgba(${compute},${.25 + .75 * Number(cells[n]) / 9})`; c.fillRect(left, y, width, laneHeight); }
      }
    });
    drawMarks(c, this.board, at, { left: laneLeft, right: laneLeft + room, top: 0, bottom: laneTop + this.ids.length * (laneHeight + laneGap) - laneGap, ratio: 1, below: css("--paper") });
    c.fillStyle = css("--soft"); c.textAlign = "left"; c.fillText(axes[this.board.axis].label(min), laneLeft, height - 8);
    c.textAlign = "right"; c.fillText(axes[this.board.axis].label(max) + " " + (this.board.axis === "wall" ? "" : axes[this.board.axis].title), laneLeft + room, height - 8);
  }
}

export function notices(host, model, axis) {
  if (model.notices.length === 0) { host.replaceChildren(h("p", { class: "note" }, "Nothing that would have to be told.")); return; }
  const more = model.noticeCount - model.notices.length;
  host.replaceChildren(table([["at"], ["what", true], ["", true]], model.notices.slice().reverse().map(notice => { const [colour, words] = markOf(notice.kind); return h("tr", {}, h("td", {}, axes[axis].exact(axes[axis].of(notice.at))), h("td", { class: "text" }, h("span", { class: "swatch", colour: `var(${colour})` }), words), h("td", { class: "text" }, notice.text)); })),
    more > 0 ? h("p", { class: "note" }, `and ${whole(more)} before`) : "");
}

/** The final table of metrics: the best model beside the baselines. */
export function result(host, summary, status) {
  if (!summary) { host.replaceChildren(h("p", { class: "note" }, status === "running" ? "The result is written when the run is over." : "It ended without a result.")); return; }
  const best = summary.best?.validation?.masked, protocol = summary.protocol || {};
  const lines = [...Object.entries(summary.baselines || {}).filter(([, baseline]) => baseline?.validation?.masked).map(([name, baseline]) => [baselineWords[name] || name, baseline.validation.masked]), ...(best ? [["two towers (best)", best]] : []), ...(summary.oracle?.validation?.masked ? [["oracle: the truth of this world", summary.oracle.validation.masked]] : [])];
  const names = Object.keys(best || lines[0]?.[1] || {}).filter(name => /^(recall|ndcg)@/.test(name));
  const tied = Object.entries(Object.groupBy((protocol.tiedUsers || []).filter(ranking => ranking.users > 0), ranking => ranking.cut)).map(([cut, rankings]) => `at ${cut} ${rankings.map(ranking => `${ranking.ranking} ${whole(ranking.users)}`).join(", ")}`);
  const ties = protocol.ties ? ` Ties: ${protocol.ties}${tied.length > 0 ? `; users whose list ends in a tie: ${tied.join("; ")}` : ""}.` : "";
  const way = summary.oracle?.shareOfTheWay, share = value => value === null || value === undefined ? "–" : `${fixed(100 * value, 0)} %`;
  host.replaceChildren(
    h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Result" }, table([["masked validation", true], ...names.map(name => [name])], [
      ...lines.map(([name, metrics]) => h("tr", {}, h("th", { scope: "row", class: "text" }, name), names.map(metric => h("td", {}, fixed(metrics[metric], 4))))),
      ...(way ? [h("tr", {}, h("th", { scope: "row", class: "text" }, "two towers: way from popularity to the oracle"), names.map(metric => h("td", {}, share(way[metric]))))] : [])])),
    h("p", { class: "note" }, `${protocol.positives ?? ""}; split ${protocol.split ?? ""}; ${whole(protocol.candidates)} candidates, ${protocol.mask ?? ""}; ${whole(protocol.evaluableUsers)} users with ${whole(protocol.heldOutPositives)} held-out positives.${ties}`));
}

export function settings(host, config) {
  const sources = config?.sources || {};
  host.replaceChildren(table([["setting", true], ["value", true], ["from", true]], Object.entries(config?.settings || {}).map(([key, value]) => h("tr", {}, h("th", { scope: "row", class: "text" }, h("code", {}, key)), h("td", { class: "title" }, value === "" ? "–" : value), h("td", { class: "text soft" }, sources[key] === "default" ? "" : sources[key] || "")))));
}

export function facts(host, model, row) {
  const best = model.best, metric = model.begin?.cutoffs?.length ? "recall@" + model.begin.cutoffs[0] : null, value = metric && best ? best.metrics[metric] : undefined, bar = metric ? model.begin?.baselines?.popularity?.[metric] : undefined, interval = metric && best?.interval?.[metric];
  const list = [["Recipe", (row?.recipe || model.begin?.recipe || "") + (model.begin?.command === "simulate" ? " (simulated)" : "")], ["Data", row?.data || "–"], ["Workers", whole(model.begin?.workers ?? row?.workers)], ["Shards", whole(model.begin?.shards ?? row?.shards)], ["Consistency", model.begin?.consistency ?? row?.consistency ?? "–"],
    [metric || "recall", fixed(value, 4) + (interval ? ` [${fixed(interval[0], 4)}, ${fixed(interval[1], 4)}]` : "")], ["− popularity", value !== undefined && bar !== undefined ? signed(value - bar, 4) : "–"],
    ["Loss", fixed(model.progress.loss.findLast(one => one !== null), 4)], ["Examples/s", whole(!model.running && row?.examplesPerSecond ? row.examplesPerSecond : model.progress.rate.findLast(one => one !== null))], ["Staleness", fixed(model.progress.staleness.findLast(one => one !== null), 2)], ["At work", duration(model.end("wall"))]];
  if (host.children.length !== list.length) host.replaceChildren(...list.map(() => h("div", {}, h("dt", {}), h("dd", {}))));
  list.forEach(([name, text], n) => { say(host.children[n].firstChild, name); say(host.children[n].lastChild, text); });
}
