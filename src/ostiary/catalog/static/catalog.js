// Search, filters and copy buttons, for pages that work without them. No request leaves the site.
(() => {
  "use strict";
  const root = document.currentScript.dataset.root;
  const make = (name, text, kind) => {
    const element = document.createElement(name);
    if (text) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  };
  const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
  document.documentElement.classList.add("js");
  for (const note of document.querySelectorAll("[data-nojs]")) note.hidden = true;

  for (const block of document.querySelectorAll("pre")) {
    const around = make("div", "", "prewrap");
    const button = make("button", "Copy", "copy");
    button.type = "button";
    button.addEventListener("click", async () => {
      const range = document.createRange();
      range.selectNodeContents(block);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      try {
        await navigator.clipboard.writeText(block.textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Selected";
      }
    });
    block.replaceWith(around);
    around.append(block, button);
  }

  for (const place of document.querySelectorAll("[data-filter]")) {
    const rows = [...document.querySelectorAll(".tools > li")].map((row) => [row, row.textContent.toLowerCase()]);
    if (rows.length < 8) continue;
    const box = make("input");
    const told = make("output");
    box.type = "search";
    box.placeholder = "Filter tools";
    box.setAttribute("aria-label", "Filter the tools on this page");
    const apply = () => {
      const wanted = words(box.value);
      let shown = 0;
      for (const [row, text] of rows) {
        row.hidden = !wanted.every((word) => text.includes(word));
        shown += !row.hidden;
      }
      for (const list of document.querySelectorAll(".tools")) {
        const isEmpty = !list.querySelector(":scope > li:not([hidden])");
        list.hidden = isEmpty;
        if (list.previousElementSibling?.matches("h2, .group")) list.previousElementSibling.hidden = isEmpty;
      }
      told.textContent = wanted.length ? `${shown} of ${rows.length}` : "";
    };
    box.addEventListener("input", apply);
    place.append(box, told);
    const asked = place.hasAttribute("data-query") && new URLSearchParams(location.search).get("q");
    if (asked) {
      box.value = asked;
      apply();
    }
  }

  const form = document.querySelector("form.search");
  const box = form.querySelector("input");
  const panel = make("div", "", "found");
  const list = make("ol");
  const told = make("p");
  told.setAttribute("role", "status");
  panel.append(told, list);
  panel.hidden = true;
  form.append(panel);
  const most = 12;

  const load = () => {
    if (load.started) return;
    load.started = true;
    const script = make("script");
    script.src = `${root}search-data.js`;
    script.addEventListener("load", show);
    document.head.append(script);
  };
  const show = () => {
    const wanted = words(box.value);
    const known = window.ostiaryCatalog;
    panel.hidden = !wanted.length || !known;
    if (panel.hidden) return;
    const ranked = [];
    for (const [name, server, page, about, summary] of known) {
      const lower = name.toLowerCase();
      const text = `${lower} ${server.toLowerCase()} ${about} ${summary.toLowerCase()}`;
      if (!wanted.every((word) => text.includes(word))) continue;
      const rank = lower === box.value.trim().toLowerCase() ? 0 : lower.startsWith(wanted[0]) ? 1 : lower.includes(wanted[0]) ? 2 : 3;
      ranked.push([rank, name, server, page, about]);
    }
    ranked.sort((one, other) => one[0] - other[0]);
    told.textContent = ranked.length ? `${ranked.length} found` : "Nothing found";
    list.replaceChildren(
      ...ranked.slice(0, most).map(([, name, server, page, about]) => {
        const item = make("li");
        const link = make("a");
        link.href = root + page;
        link.append(make("code", name), " ", make("span", server ? `${server} · ${about}` : about));
        item.append(link);
        return item;
      }),
    );
    if (ranked.length > most) {
      const item = make("li");
      const link = make("a", "All of them");
      link.href = `${root}tools.html?q=${encodeURIComponent(box.value)}`;
      item.append(link);
      list.append(item);
    }
  };
  box.addEventListener("focus", load);
  box.addEventListener("input", () => {
    load();
    show();
  });
  form.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") {
      panel.hidden = true;
      box.focus();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && links.length && !panel.hidden) {
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      (links[next] ?? (next < 0 ? box : links[links.length - 1])).focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) panel.hidden = true;
  });
})();
