// Single keys on the pages. Loaded only for who has them switched on (WCAG 2.1.4); nothing here can only be done so.
"use strict";
(() => {
  const list = document.getElementById("shortcuts");
  let before = "";

  const typing = (at) =>
    at.isContentEditable || at.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit], [type=button])");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const here = () => document.activeElement.closest("[data-row]");

  function move(by) {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(here());
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    const link = all[next].querySelector("[data-open]");
    link.focus();
    all[next].scrollIntoView({ block: "nearest" });
    return true;
  }

  function tick() {
    const box = here()?.querySelector("input[type=checkbox]");
    box?.click();
    return Boolean(box);
  }

  function search() {
    const box = document.querySelector("input[type=search]");
    if (box) {
      box.focus();
      box.select();
    } else location.assign("/desk#list");
    return true;
  }

  function help() {
    if (list) list.showModal();
    else location.assign("/shortcuts");
    return true;
  }

  function desk() {
    location.assign("/desk");
    return true;
  }

  const keys = { j: () => move(1), k: () => move(-1), x: tick, "/": search, "?": help, "g d": desk };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (typing(event.target) || list?.open) return;
    const two = `${before} ${event.key}`;
    const action = keys[two] ?? keys[event.key];
    before = "";
    if (action?.()) event.preventDefault();
    else if (event.key === "g") {
      before = "g";
      setTimeout(() => (before = ""), 1500);
    }
  });
})();
