import { h, byId, say, ask, connected, whole, fixed, signed } from "/files/dom.js";
import { ItemMap, nameOf } from "/files/map.js";

const id = new URLSearchParams(location.search).get("id") || "", path = "/api/runs/" + encodeURIComponent(id);
const map = new ItemMap(item => { byId("item").value = item.title || item.id; similar(item.id); });

function table(head, rows) { return h("table", {}, h("thead", {}, h("tr", {}, head.map(([title, text]) => h("th", { scope: "col", class: text ? "text" : "" }, title)))), h("tbody", {}, rows)); }
function titleCell(item) { return h("td", { class: "title" }, nameOf(item), item.genres.length ? h("small", { class: "interval" }, item.genres.join(", ")) : null); }
function problem(failure) { byId("problem").hidden = !failure; say(byId("problem"), failure ? (failure instanceof TypeError ? "The dashboard does not answer." : failure.message) : ""); }

/** Several items fit: the person chooses. */
function choices(host, search, choose) {
  host.replaceChildren(h("p", {}, search.candidates.length ? (search.matches > 0 ? `${whole(search.matches)} items fit; which one?` : `No title has “${search.query}”. Near it:`) : `No item is called “${search.query}”.`),
    h("p", { class: "tools" }, search.candidates.map(item => h("button", { type: "button", onclick: () => choose(item) }, nameOf(item)))));
}

async function recommend(user) {
  problem(null);
  say(byId("about-user"), "…");
  try {
    const { result } = await ask(path + "/recommend", { user, k: Number(byId("k").value), explain: true });
    say(byId("about-user"), `${whole(result.liked)} liked items in training, ${whole(result.leftOut)} seen ones left out; ` + (result.vector === "Trained" ? "the vector was learned." : "the vector is made from what they liked."));
    const biased = result.items.some(one => one.bias !== 0);
    byId("recommended").replaceChildren(table([["#"], ["item", true], ["score"], ...(biased ? [["taste"], ["item's own"]] : []), ["because of", true]], result.items.map(one => h("tr", {}, h("td", {}, whole(one.rank)), titleCell(one.item), h("td", {}, fixed(one.score, 3)),
      biased ? [h("td", {}, signed(one.taste, 3)), h("td", {}, signed(one.bias, 3))] : null,
      h("td", { class: "title" }, (one.because || []).map(pull => nameOf(pull.item)).join(" · ") || "–", one.likedLater ? h("small", { class: "status finished" }, "liked later") : null)))));
  } catch (failure) { say(byId("about-user"), ""); byId("recommended").replaceChildren(); problem(failure); }
}

async function similar(item) {
  problem(null);
  try {
    const { result, search } = await ask(`${path}/similar?k=15&item=${encodeURIComponent(item)}`);
    say(byId("about-item"), result ? "Near " + nameOf(result.item) + ", by the angle between vectors; popularity does not count." : "");
    if (!result) { choices(byId("near"), search, found => { byId("item").value = found.title || found.id; similar(found.id); }); return; }
    byId("near").replaceChildren(table([["#"], ["item", true], ["cosine"], ["train positives"]], result.near.map(one => h("tr", {}, h("td", {}, whole(one.rank)), titleCell(one.item), h("td", {}, fixed(one.cosine, 3)), h("td", {}, whole(one.item.positives))))));
  } catch (failure) { say(byId("about-item"), ""); byId("near").replaceChildren(); problem(failure); }
}

byId("recommend").addEventListener("submit", event => { event.preventDefault(); recommend(byId("user").value.trim()); });
byId("similar").addEventListener("submit", event => { event.preventDefault(); similar(byId("item").value.trim()); });
byId("run").href = "/run?id=" + encodeURIComponent(id);

(async () => {
  const told = await ask(path);
  document.title = `What ${told.run.path} learned · TwoTower`;
  say(byId("words"), `${told.run.path}: ${told.run.recipe ?? ""} on ${told.run.data ?? ""}`);
  if (!told.summary) { byId("none").hidden = false; say(byId("none"), told.run.status === "running" ? "The run is at work. What it learned can be asked when it is over." : "The run ended without a result, so there is no model to ask."); return; }
  byId("all").hidden = false;
  const { some } = await ask(path + "/users");
  byId("users").replaceChildren(...some.map(user => h("option", { value: user })));
  if (some.length) { byId("user").value = some[Math.floor(some.length / 2)]; recommend(byId("user").value); }
  map.show((await ask(path + "/map")).result);
})().catch(failure => { connected(true); byId("about-map").textContent = ""; problem(failure); });
