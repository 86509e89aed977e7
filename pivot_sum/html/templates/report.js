(() => {
  const list = document.getElementById("cards");
  if (!list) return;
  const cards = [...list.querySelectorAll(".card")];
  const search = document.getElementById("search");
  const order = document.getElementById("order");
  const count = document.getElementById("count");
  const none = document.getElementById("none");
  const boxes = [...document.querySelectorAll("input[name=remark]")];
  const marks = document.getElementById("marks");

  const contents = new Map();
  const remarks = new Map(cards.map((card) => [card, JSON.parse(card.dataset.remarks)]));
  // A dialogue's text is taken from the page on the first search: what is read is what is found.
  const content = (card) => {
    if (!contents.has(card)) contents.set(card, card.textContent.normalize("NFC").toLowerCase());
    return contents.get(card);
  };

  function filter() {
    const words = search.value.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    let shown = 0;
    for (const card of cards) {
      const found = remarks.get(card);
      const fits = !chosen.length || chosen.some((name) => (name === "" ? !found.length : found.includes(name)));
      card.hidden = !(fits && words.every((word) => content(card).includes(word)));
      shown += !card.hidden;
    }
    count.textContent = pivotSum.text("shown", [shown, cards.length]);
    none.hidden = shown > 0;
  }

  function sort() {
    const [key, direction] = order.value.split(" ");
    const number = (card) => Number(card.dataset[key]) * (direction === "down" ? -1 : 1);
    const place = (card) => Number(card.id.slice(1));
    list.append(...cards.toSorted((one, other) => number(one) - number(other) || place(one) - place(other)));
  }

  function openTarget() {
    const card = location.hash && document.getElementById(location.hash.slice(1));
    if (!card || !card.classList.contains("card")) return;
    card.hidden = false;
    card.open = true;
    card.scrollIntoView();
    card.querySelector("summary").focus({ preventScroll: true });
  }

  search.addEventListener("input", filter);
  boxes.forEach((box) => box.addEventListener("change", filter));
  order.addEventListener("change", sort);
  marks.addEventListener("change", () => list.classList.toggle("plain", !marks.checked));
  document.getElementById("open").addEventListener("click", () => cards.forEach((card) => { card.open = !card.hidden; }));
  document.getElementById("close").addEventListener("click", () => cards.forEach((card) => { card.open = false; }));
  document.addEventListener("translated", () => { contents.clear(); filter(); });
  addEventListener("hashchange", openTarget);
  document.querySelector(".tools").hidden = false;
  filter();
  addEventListener("load", openTarget); // not now: the browser has yet to go to the address itself, and would take the focus
})();
