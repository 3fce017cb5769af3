// Items on a plane, coloured by genre.
import { h, byId, say, whole, percent, fixed } from "/files/dom.js";
import { css, colours, onTheme } from "/files/charts.js";

const pad = 14;
export const nameOf = item => item.title || "item " + item.id;

export class ItemMap {
  /** Asks for what is similar to an item by calling chosen. */
  constructor(chosen) {
    this.canvas = byId("canvas"); this.tip = byId("tip"); this.chosen = chosen; this.hidden = new Set(); this.current = -1;
    this.canvas.addEventListener("pointermove", event => this.point(this.nearest(event)));
    this.canvas.addEventListener("pointerleave", () => this.point(-1));
    this.canvas.addEventListener("click", event => { const at = this.nearest(event); if (at >= 0) chosen(this.points[at].item); });
    this.canvas.addEventListener("keydown", event => this.key(event));
    byId("points").addEventListener("toggle", () => this.table());
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    onTheme(() => this.draw());
  }

  show(map) {
    this.points = map.points;
    // As many genres as there are colours to tell apart, the most frequent ones; an item counts for its first genre among them.
    const counts = new Map();
    for (const point of map.points) for (const genre of point.item.genres) counts.set(genre, (counts.get(genre) || 0) + 1);
    const named = [...counts].sort((a, b) => b[1] - a[1]).slice(0, colours.length - 1).map(([genre]) => genre);
    this.groups = new Map(named.map((genre, n) => [genre, { colour: colours[n], count: 0 }]));
    this.groups.set("other", { colour: "--soft", count: 0 });
    this.groupOf = map.points.map(point => point.item.genres.find(genre => this.groups.has(genre)) || "other");
    for (const group of this.groupOf) this.groups.get(group).count++;
    if (this.groups.size === 1) this.groups = new Map([["items", { colour: "--line1", count: map.points.length }]]), this.groupOf = map.points.map(() => "items");
    byId("genres").replaceChildren(...[...this.groups].filter(([, group]) => group.count > 0).map(([name, group]) => {
      const button = h("button", { type: "button", "aria-pressed": "true", title: "Show or hide", onclick: () => { this.hidden.has(name) ? this.hidden.delete(name) : this.hidden.add(name); button.setAttribute("aria-pressed", String(!this.hidden.has(name))); this.point(-1); this.draw(); } },
        h("i", { class: "box", colour: `var(${group.colour})` }), name, h("b", {}, whole(group.count)));
      return h("li", {}, button);
    }));
    const xs = map.points.map(point => point.x), ys = map.points.map(point => point.y);
    this.box = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    say(byId("about-map"), `${whole(map.points.length)} of ${whole(map.items)} items${map.points.length < map.items ? ", the most popular of those with train positives" : ""}. The plane in which their vectors differ most; it has ${percent(map.xShare + map.yShare)} of all difference, so what is near here need not be near altogether. A click finds what is similar.`);
    byId("map").hidden = false;
    this.draw();
  }

  place(point) {
    const [left, right, low, high] = this.box, width = this.canvas.clientWidth, height = this.canvas.clientHeight;
    return [pad + (point.x - left) / (right - left || 1) * (width - 2 * pad), height - pad - (point.y - low) / (high - low || 1) * (height - 2 * pad)];
  }

  draw() {
    if (!this.points || this.canvas.clientWidth === 0) return;
    const ratio = devicePixelRatio || 1, c = this.canvas.getContext("2d"), width = this.canvas.clientWidth, height = this.canvas.clientHeight;
    this.canvas.width = Math.round(width * ratio); this.canvas.height = Math.round(height * ratio);
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    const shades = new Map([...this.groups].map(([name, group]) => [name, css(group.colour)])), radius = this.points.length > 2000 ? 2.2 : 3.2;
    c.globalAlpha = .75;
    this.points.forEach((point, n) => {
      if (this.hidden.has(this.groupOf[n])) return;
      const [x, y] = this.place(point);
      c.fillStyle = shades.get(this.groupOf[n]); c.beginPath(); c.arc(x, y, radius, 0, 7); c.fill();
    });
    c.globalAlpha = 1;
    if (this.current >= 0) { const [x, y] = this.place(this.points[this.current]); c.strokeStyle = css("--ink"); c.lineWidth = 2; c.beginPath(); c.arc(x, y, radius + 4, 0, 7); c.stroke(); }
  }

  nearest(event) {
    const box = this.canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let found = -1, least = 12 * 12;
    this.points?.forEach((point, n) => { if (this.hidden.has(this.groupOf[n])) return; const [px, py] = this.place(point), far = (px - x) ** 2 + (py - y) ** 2; if (far < least) [least, found] = [far, n]; });
    return found;
  }

  point(at, aloud) {
    if (at === this.current && !aloud) return;
    this.current = at; this.tip.hidden = at < 0; this.draw();
    if (at < 0) return;
    const { item } = this.points[at], [x, y] = this.place(this.points[at]), text = nameOf(item) + (item.genres.length ? " · " + item.genres.join(", ") : "");
    say(this.tip, text);
    this.tip.style.left = Math.max(0, Math.min(this.canvas.clientWidth - this.tip.offsetWidth, x + 10)) + "px"; this.tip.style.top = this.canvas.offsetTop + Math.max(0, y - this.tip.offsetHeight - 8) + "px";
    if (aloud) say(byId("at"), text);
  }

  key(event) {
    if (event.key === "Enter" && this.current >= 0) { this.chosen(this.points[this.current].item); return; }
    if (event.key === "Escape") { this.point(-1); return; }
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    let at = this.current < 0 && step < 0 ? 0 : this.current; // from nowhere the first one is to the right, the last one to the left
    for (const _ of this.points) {
      at = (at + step + this.points.length) % this.points.length;
      if (!this.hidden.has(this.groupOf[at])) { this.point(at, true); return; }
    }
  }

  table() {
    if (!byId("points").open || byId("points").lastElementChild.firstChild) return;
    byId("points").lastElementChild.replaceChildren(h("table", {}, h("caption", { class: "note" }, this.points.length > 500 ? "the 500 most popular" : ""), h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "text" }, "item"), h("th", { scope: "col", class: "text" }, "genres"), h("th", { scope: "col" }, "train positives"), h("th", { scope: "col" }, "x"), h("th", { scope: "col" }, "y"))),
      h("tbody", {}, this.points.slice(0, 500).map(point => h("tr", {}, h("td", { class: "title" }, nameOf(point.item)), h("td", { class: "title" }, point.item.genres.join(", ")), h("td", {}, whole(point.item.positives)), h("td", {}, fixed(point.x, 3)), h("td", {}, fixed(point.y, 3)))))));
  }
}
