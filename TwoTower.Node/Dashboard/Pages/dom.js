// Elements, numbers and requests. Whatever comes from a run is put in as text, never as markup.

/** An element: h("td", { class: "text", onclick }, "text", child…). */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "colour") element.style.background = element.style.borderColor = value;
    else if (name === "width") element.style.width = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter(child => child !== undefined && child !== null && child !== false));
  return element;
}

export const byId = id => document.getElementById(id);

/** Writes text only where it is another, so that screen readers are told of changes alone. */
export function say(element, text) { if (element.textContent !== text) element.textContent = text; }

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const known = value => value !== undefined && value !== null && Number.isFinite(value);

export function whole(value) { return known(value) ? grouped.format(value) : "–"; }
export function fixed(value, digits) { return known(value) ? value.toFixed(digits).replace("-", "−") : "–"; }
export function signed(value, digits) { return known(value) ? (value < 0 ? "−" : "+") + Math.abs(value).toFixed(digits) : "–"; }
export function percent(value) { return !known(value) ? "–" : value > 0 && value < 0.001 ? "<0.1 %" : (100 * value).toFixed(value < 0.1 ? 1 : 0) + " %"; }

/** 1234567 as 1.23 M. */
export function short(value) {
  if (!known(value)) return "–";
  for (const [size, unit] of [[1e9, " G"], [1e6, " M"], [1e3, " k"]]) if (Math.abs(value) >= size) return trimmed(value / size) + unit;
  return trimmed(value);
}
function trimmed(value) { return String(+value.toPrecision(3)); }

export function bytes(value) { return known(value) ? short(value).replace(/ ?([kMG]?)$/, " $1B") : "–"; }

/** Seconds as 0:07, 3:20 or 2:05:00. */
export function duration(seconds) {
  if (!known(seconds)) return "–";
  const s = Math.round(seconds), two = n => String(n).padStart(2, "0");
  return s >= 3600 ? Math.floor(s / 3600) + ":" + two(Math.floor(s / 60) % 60) + ":" + two(s % 60) : Math.floor(s / 60) + ":" + two(s % 60);
}

export const statusWords = {
  running: "running", finished: "finished", earlyStopped: "stopped early", interrupted: "interrupted", crashed: "crashed", damaged: "damaged",
};

export function statusPill(status) { return h("span", { class: "status " + (status in statusWords ? status : "") }, statusWords[status] || status); }

/** Asks the server; throws an Error that a person can read. */
export async function ask(path, body) {
  const answer = await fetch(path, body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw await refusal(answer);
  return answer.json();
}

/** Why the server refused, as an Error that a person can read. */
export async function refusal(answer) {
  const told = await answer.json().catch(() => ({}));
  return new Error(told.error || (answer.status === 401 ? "This page needs the token again: open the address that the dashboard printed." : answer.status === 429 ? "Too many requests; wait a little." : "The dashboard answered " + answer.status + "."));
}

/** Saves a file from the page. */
export function save(name, blob) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name.replace(/[^A-Za-z0-9._-]+/g, "-") });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Calls again and again while the page is looked at; after a failure too, and says whether the server is there. */
export function every(milliseconds, work) {
  let timer = 0, busy = false;
  const turn = async () => {
    clearTimeout(timer);
    if (busy) return;
    busy = true;
    try { if (!document.hidden && await work() === false) return; connected(true); } catch (failure) { connected(false, failure); } finally { busy = false; }
    timer = setTimeout(turn, milliseconds);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) turn(); });
  return turn();
}

/** Says in the page's head that the server does not answer. */
export function connected(yes, failure) {
  say(byId("connection"), yes ? "" : failure && !(failure instanceof TypeError) ? failure.message : "The dashboard does not answer; trying again.");
}

/** Keeps a choice in this browser, if it lets us. */
export const kept = {
  get(name, otherwise) { try { return JSON.parse(localStorage.getItem("twotower." + name)) ?? otherwise; } catch { return otherwise; } },
  set(name, value) { try { localStorage.setItem("twotower." + name, JSON.stringify(value)); } catch { /* a private window keeps nothing */ } },
};
