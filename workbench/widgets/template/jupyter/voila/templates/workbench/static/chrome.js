// The frame of an app: theme without reload, words while loading, a banner when the kernel is gone.
(() => {
  const KEY = "workbench-theme", served = document.currentScript?.dataset.theme ?? "light";
  const wanted = () => {
    const asked = new URLSearchParams(location.search).get("theme");
    if (asked === "dark" || asked === "light") return asked;
    try { const kept = localStorage.getItem(KEY); if (kept === "dark" || kept === "light") return kept; } catch { /* storage may be forbidden */ }
    return served === "dark" || (served === "auto" && system.matches) ? "dark" : "light";
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", () => applyTheme());
  function applyTheme(theme = wanted()) {
    for (const name of ["light", "dark"]) { const link = document.getElementById(`wb-theme-${name}`); if (link) link.media = name === theme ? "all" : "not all"; }
    if (!document.body) return;
    document.body.dataset.jpThemeLight = String(theme === "light");
    document.body.dataset.jpThemeName = theme === "light" ? "JupyterLab Light" : "JupyterLab Dark";
    document.body.classList.toggle("theme-dark", theme === "dark");
    document.body.classList.toggle("theme-light", theme === "light");
  }
  // A page that was asked for with ?theme= hands it on to the next app; otherwise the choice is kept in the browser only,
  // because Voila gives a prepared kernel to addresses without ?theme=.
  function links() {
    const asked = new URLSearchParams(location.search).get("theme");
    for (const a of document.querySelectorAll(".wb-top nav a")) { const url = new URL(a.href); if (asked) url.searchParams.set("theme", asked); else url.searchParams.delete("theme"); a.href = url.href; }
  }
  function toggle() {
    const next = document.body.dataset.jpThemeLight === "true" ? "dark" : "light", url = new URL(location.href);
    try { localStorage.setItem(KEY, next); } catch { /* then it lasts for this page */ }
    if (url.searchParams.has("theme")) { url.searchParams.set("theme", next); history.replaceState(history.state, "", url); links(); }
    applyTheme(next);
  }
  let leaving = false, sockets = 0, timer, knocking;
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });
  function lost(text, waiting = false) {
    const bar = document.getElementById("wb-lost");
    if (!bar || leaving) return;
    bar.hidden = !text;
    if (text) bar.querySelector("span").textContent = text;
    clearInterval(knocking);
    if (waiting) knocking = setInterval(() => knock(bar), 3000);
  }
  // The server starts again by itself; this page's session does not. Nothing is reloaded under a person who types.
  async function knock(bar) {
    try { if (!(await fetch(location.origin + document.body.dataset.baseUrl.replace(/voila\/$/, ""), { cache: "no-store" })).ok) return; } catch { return; }
    clearInterval(knocking);
    bar.querySelector("span").textContent = "The server is there again. Reload to start a new session; what was saved is safe.";
  }
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(url, protocols) {
      super(url, protocols);
      if (!/\/api\/kernels\/[^/]+\/channels/.test(String(url))) return;
      this.addEventListener("open", () => { sockets++; clearTimeout(timer); lost(""); });
      this.addEventListener("close", () => { sockets = Math.max(0, sockets - 1); clearTimeout(timer); timer = setTimeout(() => { if (!sockets) lost("The connection to the server was lost. Reload to go on; what was saved is safe.", true); }, 4000); });
      this.addEventListener("message", ({ data }) => {
        const size = data.byteLength ?? data.length;
        if (size > 4000) return; // a status message is short
        const text = typeof data === "string" ? data : new TextDecoder("latin1").decode(data);
        if (/"execution_state":\s*"(dead|restarting|autorestarting|terminating)"/.test(text)) setTimeout(() => lost("This session has ended on the server. Reload to start a new one; what was saved is safe."), 300);
      });
    }
  };
  function ready() {
    links();
    document.querySelector(".wb-top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }); // the last apps lie outside a narrow bar
    document.getElementById("wb-theme").addEventListener("click", toggle);
    document.querySelector("#wb-lost button").addEventListener("click", () => location.reload());
    const say = (text) => { const node = document.getElementById("loading_text"); if (node) node.textContent = text; };
    window.voila_process = () => say("Preparing the view");
    window.update_loading_text = (_index, _count, text) => say(text ?? "Preparing the view");
    window.voila_finish = finish;
    window.voila_heartbeat = () => say("Still working");
    setTimeout(() => say("This takes longer than usual. The server may be busy."), 15000);
  }
  // The skeleton gives way to what the server could tell at once; both go when the panel stands.
  function firstLook() {
    const sent = document.getElementById("wb-first-look");
    document.querySelector("#loading .wb-skeleton")?.replaceWith(sent.content);
    document.getElementById("loading").classList.add("wb-looking");
  }
  // Voila calls this twice, once before its own theme is there.
  function finish() {
    if (!window.themeLoaded) { window.cellLoaded = true; return; }
    const cells = document.getElementById("rendered_cells"), stands = () => cells.querySelector(".wb-panel, .jp-RenderedText, .jp-RenderedHTMLCommon > *");
    const swap = () => { if (!stands()) return false; document.getElementById("loading")?.remove(); return true; };
    cells.style.display = "";
    if (swap()) return;
    const watch = new MutationObserver(() => { if (swap()) watch.disconnect(); });
    watch.observe(cells, { childList: true, subtree: true });
  }
  window.workbenchChrome = { applyTheme, ready, toggle, firstLook };
})();
