"use strict";
(() => {
  const root = document.documentElement;
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const asked = new URLSearchParams(location.search + "&" + location.hash.slice(1));

  // What a reader chose is remembered where the browser allows it; some forbid it for files.
  const remembered = (name) => { try { return localStorage.getItem("pivot-sum-" + name); } catch { return null; } };
  const remember = (name, value) => { try { localStorage.setItem("pivot-sum-" + name, value); } catch { /* forbidden */ } };

  let language = "en";
  const text = (key, values = []) =>
    texts[key][language].replace(/\{(\d)(?:\?([^|}]*)\|([^}]*))?\}/g, (gap, place, one, several) =>
      one === undefined ? values[place] : String(values[place]) === "1" ? one : several);
  const values = (element) => (element.dataset.v ? JSON.parse(element.dataset.v) : []);

  function speak(wanted) {
    language = wanted;
    root.lang = wanted;
    for (const element of document.querySelectorAll("[data-t]")) {
      const translated = text(element.dataset.t, values(element));
      if (element.dataset.a) element.setAttribute(element.dataset.a, translated);
      else element.textContent = translated;
    }
    document.title = text("page-title-" + document.body.dataset.page, [document.body.dataset.name]);
    languageButton.textContent = wanted === "en" ? "한국어" : "English";
    languageButton.lang = wanted === "en" ? "ko" : "en";
    nameThemeButton();
    document.dispatchEvent(new Event("translated"));
  }

  const languageButton = document.getElementById("language");
  const themeButton = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const nameThemeButton = () => { themeButton.textContent = text(isDark() ? "theme-light" : "theme-dark"); };

  languageButton.addEventListener("click", () => {
    speak(language === "en" ? "ko" : "en");
    remember("language", language);
  });
  themeButton.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember("theme", root.dataset.theme);
    nameThemeButton();
  });
  dark.addEventListener("change", nameThemeButton);

  const theme = asked.get("theme") || remembered("theme");
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  const wanted = asked.get("lang") || remembered("language") || navigator.language;
  window.pivotSum = { text };
  if (wanted.toLowerCase().startsWith("ko")) speak("ko");
  else nameThemeButton();
  document.querySelector(".buttons").hidden = false;
})();
