// Line charts over one shared x axis, drawn by uPlot.
import { h, say, save, short, whole, duration } from "/files/dom.js";

export const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
export const colours = ["--line1", "--line2", "--line3", "--line4", "--line5", "--line7", "--line8", "--line9", "--line10", "--line6"];

export const axes = {
  batches: { title: "batches", of: at => at.batches, label: short, exact: whole },
  examples: { title: "examples", of: at => at.examples, label: short, exact: whole },
  wall: { title: "wall time", of: at => at.wall, label: duration, exact: duration },
  virtual: { title: "virtual seconds", of: at => at.virtual, label: short, exact: value => short(value) + " s" },
};

export const markKinds = {
  "worker-lost": ["--bad", "worker lost"], "worker-left": ["--warn", "worker left"], "worker-joined": ["--good", "worker joined"], "lease-expired": ["--warn", "lease expired"],
  fault: ["--bad", "fault"], "hand-off": ["--line4", "hand-off"], copies: ["--warn", "copies"], checkpoint: ["--soft", "checkpoint"], other: ["--soft", "notice"],
};
export const markOf = kind => markKinds[kind] || markKinds.other;

/** Charts that show the same stretch of the same axis. */
export class Board {
  constructor(axis) { this.axis = axis; this.charts = []; this.zoomed = null; this.extent = [0, 1]; this.marks = []; this.listeners = []; this.moving = false; }
  get range() { return this.zoomed || this.extent; }
  /** All charts to one stretch; null is everything. */
  zoom(range) {
    this.zoomed = range;
    this.apply();
  }
  apply() {
    if (this.moving) return;
    this.moving = true;
    try { for (const chart of this.charts) chart.move(); } finally { this.moving = false; }
    for (const listener of this.listeners) listener();
  }
}

export class Chart {
  /** A chart with its heading, legend, buttons and data table. */
  constructor(board, host, { title, note, height, file, value }) {
    this.board = board; this.title = title; this.value = value || short; this.height = height || 230; this.file = file || (() => title); this.hidden = new Set();
    this.note = h("span", { class: "note" }, note || "");
    this.plot = h("div", { class: "plot", role: "img", tabindex: "0", "aria-label": title });
    this.legend = h("ul", { class: "legend" });
    this.mark = h("p", { class: "mark" });
    this.rows = h("div", { class: "wide short", tabindex: "0", role: "region", "aria-label": title + ", as a table" });
    this.details = h("details", { ontoggle: () => this.table() }, h("summary", {}, "As a table"), this.rows);
    this.empty = h("p", { class: "note" }, "Nothing yet.");
    this.figure = h("section", { class: "panel", "aria-label": title },
      h("header", {}, h("h3", {}, title), this.note, h("span", { class: "buttons" },
        h("button", { type: "button", onclick: () => this.csv(), "aria-label": title + " as CSV" }, "CSV"), h("button", { type: "button", onclick: () => this.png(), "aria-label": title + " as a picture" }, "PNG"))),
      this.empty, this.plot, this.legend, this.mark, this.details);
    host.append(this.figure);
    this.plot.hidden = true;
    this.plot.addEventListener("keydown", event => this.key(event));
    new ResizeObserver(() => this.u && this.plot.clientWidth > 0 && this.u.setSize({ width: this.plot.clientWidth, height: this.height })).observe(this.plot);
    board.charts.push(this);
  }

  /** Shows series over x: { label, colour, values, dash?, points?, faint?, band?: [low, high], step? }. */
  show(x, series) {
    this.x = x; this.series = series;
    const some = x.length > 0 && series.length > 0;
    this.empty.hidden = some; this.plot.hidden = this.legend.hidden = this.mark.hidden = this.details.hidden = !some;
    if (!some) return;
    const bands = series.filter(one => one.band), data = [x, ...series.map(one => one.values), ...bands.flatMap(one => one.band)];
    const shape = JSON.stringify([series.map(one => [one.label, one.colour, one.dash, one.points, one.faint, !!one.band])]);
    if (shape !== this.shape) { this.shape = shape; this.u?.destroy(); this.u = this.make(data, bands); this.keys(); }
    else this.u.setData(data, false);
    this.move();
    this.values();
    this.describe();
    if (this.details.open && performance.now() - (this.drawn || 0) > 3000) this.table();
  }

  move() { if (this.u) { const [min, max] = this.board.range; this.u.setScale("x", { min, max: max > min ? max : min + 1 }); } }
  redraw() { this.u?.redraw(false); }

  make(data, bands) {
    const board = this.board, count = this.series.length, line = one => () => css(one.colour);
    return new uPlot({
      width: Math.max(120, this.plot.clientWidth), height: this.height, legend: { show: false }, pxAlign: 1,
      cursor: { sync: { key: "board", setSeries: false }, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
      scales: { x: { time: false }, y: { range: (u, low, high) => low === null ? [0, 1] : low === high ? [low - Math.abs(low || 1) * .05, high + Math.abs(high || 1) * .05] : [low - (high - low) * .06, high + (high - low) * .06] } },
      axes: [
        { stroke: () => css("--soft"), grid: { stroke: () => css("--rule"), width: 1 }, ticks: { stroke: () => css("--rule"), width: 1 }, font: "12px system-ui, sans-serif", size: 34, space: 70,
          values: (u, ticks) => ticks.map(tick => axes[board.axis].label(tick)) },
        { stroke: () => css("--soft"), grid: { stroke: () => css("--rule"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif",
          values: (u, ticks) => ticks.map(tick => this.tick(tick, ticks)), size: (u, values) => 14 + 7.2 * Math.max(1, ...(values || []).map(text => text.length)) },
      ],
      series: [{}, ...this.series.map((one, n) => ({
        label: one.label, stroke: line(one), width: one.faint ? 1 : 2, alpha: one.faint ? .35 : 1, dash: one.dash ? [6, 4] : undefined, spanGaps: true, show: !this.hidden.has(one.label),
        points: { show: one.points ? true : (u, index, from, to) => to - from < 2, size: 6 },
      })), ...bands.flatMap(one => [0, 1].map(() => ({ stroke: "transparent", points: { show: false }, spanGaps: true })))],
      bands: bands.map((one, n) => ({ series: [count + 2 + 2 * n, count + 1 + 2 * n], fill: () => translucent(css(one.colour), .15) })),
      hooks: {
        setSelect: [u => { const { left, width } = u.select; if (width > 0) { u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false); board.zoom([u.posToVal(left, "x"), u.posToVal(left + width, "x")]); } }],
        draw: [u => this.marks(u)],
        setCursor: [() => this.values()],
        ready: [u => u.over.addEventListener("dblclick", () => board.zoom(null))],
      },
    }, data, this.plot);
  }

  tick(value, ticks) {
    if (value === null) return "";
    const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : Math.abs(value) || 1, digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step) - 1e-9)));
    return Math.abs(value) >= 1000 ? short(value) : (digits > 0 && +(value.toFixed(digits)) !== value ? value.toPrecision(3) : value.toFixed(digits));
  }

  marks(u) {
    const { left, top, width, height } = u.bbox;
    drawMarks(u.ctx, this.board, x => u.valToPos(x, "x", true), { left, right: left + width, top, bottom: top + height, ratio: devicePixelRatio || 1 });
  }

  keys() {
    this.cells = this.series.map((one, n) => {
      const swatch = h("i", { class: one.dash ? "dash" : "", colour: `var(${one.colour})` }), value = h("b", {}), off = this.hidden.has(one.label);
      if (one.faint) swatch.style.opacity = .45;
      const button = h("button", { type: "button", "aria-pressed": String(!off), title: "Show or hide", onclick: () => {
        const hide = !this.hidden.has(one.label);
        hide ? this.hidden.add(one.label) : this.hidden.delete(one.label);
        button.setAttribute("aria-pressed", String(!hide));
        this.u.setSeries(n + 1, { show: !hide });
        const at = this.series.filter(other => other.band).indexOf(this.series[n]);
        if (at >= 0) for (const edge of [1, 2]) this.u.setSeries(this.series.length + 2 * at + edge, { show: !hide });
      } }, swatch, h("span", {}, one.label), value);
      return { item: h("li", {}, button), value };
    });
    this.legend.replaceChildren(...this.cells.map(cell => cell.item));
  }

  /** Values under the cursor; without one, the latest. */
  values() {
    if (!this.u || !this.cells) return;
    const index = this.u.cursor.idx, left = this.u.cursor.left;
    this.series.forEach((one, n) => {
      let at = index ?? this.x.length - 1;
      while (at > 0 && (one.values[at] === null || one.values[at] === undefined)) at--;
      say(this.cells[n].value, this.value(one.values[at]));
    });
    const near = index === null || index === undefined || left < 0 ? null : this.board.marks.find(mark => Math.abs(this.u.valToPos(axes[this.board.axis].of(mark.at), "x") - left) < 6);
    say(this.mark, index === null || index === undefined ? "" : axes[this.board.axis].exact(this.x[index]) + " " + (this.board.axis === "wall" ? "" : axes[this.board.axis].title) + (near ? "  ⚑ " + near.text : ""));
  }

  describe() {
    const latest = this.series.filter(one => !one.faint).map(one => { const known = one.values.filter(value => value !== null && value !== undefined); return one.label + " " + this.value(known.at(-1)); });
    this.plot.setAttribute("aria-label", `${this.title} by ${axes[this.board.axis].title}; latest: ${latest.join(", ")}. Arrow keys move along the line; a table follows.`);
  }

  key(event) {
    if (!this.u || !["ArrowLeft", "ArrowRight", "Home", "End", "Escape"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Escape") { this.board.zoom(null); return; }
    const last = this.x.length - 1, now = this.u.cursor.idx ?? last;
    const index = event.key === "Home" ? 0 : event.key === "End" ? last : Math.max(0, Math.min(last, now + (event.key === "ArrowLeft" ? -1 : 1)));
    this.u.setCursor({ left: this.u.valToPos(this.x[index], "x"), top: 10 });
  }

  table() {
    if (!this.details.open || !this.x) return;
    this.drawn = performance.now();
    const from = Math.max(0, this.x.length - 200), rows = [];
    for (let n = this.x.length - 1; n >= from; n--) rows.push(h("tr", {}, h("th", { scope: "row" }, axes[this.board.axis].exact(this.x[n])), this.series.map(one => h("td", {}, this.value(one.values[n] ?? undefined)))));
    this.rows.replaceChildren(h("table", {}, h("caption", { class: "note" }, from > 0 ? "the latest 200 points" : ""),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, axes[this.board.axis].title), this.series.map(one => h("th", { scope: "col" }, one.label)))), h("tbody", {}, rows)));
  }

  csv() {
    const cell = text => /[",\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
    const lines = [[this.board.axis, ...this.series.map(one => one.label)].map(cell).join(",")];
    this.x?.forEach((x, n) => lines.push([x, ...this.series.map(one => one.values[n] ?? "")].join(",")));
    save(this.file() + "-" + this.title.toLowerCase() + ".csv", new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
  }

  /** The picture with its heading and legend, on the page's ground. */
  png() {
    if (!this.u) return;
    const plot = this.u.ctx.canvas, ratio = devicePixelRatio || 1, head = 30 * ratio, foot = 26 * ratio, pad = 10 * ratio;
    const canvas = h("canvas", {}), c = canvas.getContext("2d");
    canvas.width = plot.width + 2 * pad; canvas.height = plot.height + head + foot;
    c.fillStyle = css("--paper"); c.fillRect(0, 0, canvas.width, canvas.height);
    c.fillStyle = css("--ink"); c.font = `600 ${14 * ratio}px system-ui, sans-serif`; c.textBaseline = "middle";
    c.fillText(`${this.title} by ${axes[this.board.axis].title} · ${this.file()}`, pad, head / 2, canvas.width - 2 * pad);
    c.drawImage(plot, pad, head);
    c.font = `${12 * ratio}px system-ui, sans-serif`;
    let x = pad;
    for (const one of this.series.filter(one => !this.hidden.has(one.label))) {
      c.fillStyle = css(one.colour); c.fillRect(x, canvas.height - foot / 2 - 2 * ratio, 16 * ratio, 4 * ratio);
      c.fillStyle = css("--ink"); c.fillText(one.label, x + 21 * ratio, canvas.height - foot / 2);
      x += c.measureText(one.label).width + 38 * ratio;
    }
    canvas.toBlob(blob => save(this.file() + "-" + this.title.toLowerCase() + ".png", blob));
  }
}

/** Draws a board's marks at the places that a function gives, within a box, over a broader line where what is below is coloured. A mark has the colour of its kind, or its run's. */
export function drawMarks(c, board, place, { left, right, top, bottom, ratio, below }) {
  c.save();
  for (const mark of board.marks) {
    const x = axes[board.axis].of(mark.at), at = x === undefined ? NaN : place(x);
    if (!(at >= left && at <= right)) continue;
    if (below) { c.fillStyle = below; c.fillRect(at - 1.5, top, 3, bottom - top); }
    c.strokeStyle = c.fillStyle = css(mark.colour || markOf(mark.kind)[0]);
    c.globalAlpha = mark.kind === "checkpoint" || mark.kind === "other" ? .45 : .9;
    c.lineWidth = ratio; c.setLineDash([3 * ratio, 3 * ratio]);
    c.beginPath(); c.moveTo(at, top); c.lineTo(at, bottom); c.stroke();
    c.setLineDash([]);
    c.beginPath(); c.moveTo(at - 4 * ratio, top); c.lineTo(at + 4 * ratio, top); c.lineTo(at, top + 7 * ratio); c.fill();
    c.globalAlpha = 1;
  }
  c.restore();
}

function translucent(colour, alpha) {
  const parts = /^#(..)(..)(..)$/.exec(colour);
  return parts ? `rgba(${parts.slice(1).map(part => parseInt(part, 16)).join(",")},${alpha})` : colour;
}

/** A mean that forgets, without the pull of its beginning. */
export function smooth(values, weight) {
  if (weight <= 0) return values;
  let sum = 0, mass = 0;
  return values.map(value => {
    if (value === null || value === undefined) return null;
    sum = weight * sum + (1 - weight) * value; mass = weight * mass + (1 - weight);
    return sum / mass;
  });
}

/** Redraws when the reader's system goes from light to dark. */
export function onTheme(draw) { matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw); }
