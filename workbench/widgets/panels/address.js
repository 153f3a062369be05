// Keeps the address of an app in line with its panel, and hands dataset and visitor on to the other apps.
const OWN = ["dataset", "text", "mode", "label", "version", "against", "threshold", "since", "until", "review", "source", "part"];

// Other conditions of a filter, as Python writes them: people, languages, properties and so on.
const CONDITION = /^(reviewed|language|cluster|uid|thread(-(messages|position|duration|response|answered))?|threaded|labels|attachments?|translated|exceptions|exception-(type|stream)|text-in|((first-)?sender|recipient|b?cc)(-(not|domain|domain-not|missing))?)$|(^|\.)(string|number):/;

const told = (url) => JSON.stringify([...url.searchParams].sort());

/** Write the state into the address; as a step of the history where the panel can go back to it. */
function follow(model, isStep) {
  if (!document.body.classList.contains("wb-app")) return;
  const url = new URL(location.href), wanted = new URLSearchParams(model.get("query")), visitor = model.get("visitor");
  for (const name of new Set(url.searchParams.keys())) if (OWN.includes(name) || CONDITION.test(name)) url.searchParams.delete(name);
  for (const [name, value] of wanted) url.searchParams.append(name, value);
  if (visitor) url.searchParams.set("user", visitor);
  if (isStep && told(url) !== told(new URL(location.href))) history.pushState(null, "", url);
  else if (url.href !== location.href) history.replaceState(history.state, "", url);
  for (const link of document.querySelectorAll(".wb-top nav a")) {
    const to = new URL(link.href);
    for (const name of ["dataset", "user"]) {
      const value = url.searchParams.get(name);
      if (value) to.searchParams.set(name, value); else to.searchParams.delete(name);
    }
    link.href = to.href;
  }
}

export default {
  render({ model, el }) {
    el.hidden = true;
    let waiting = 0; // returns that Python has not answered: until then the address is ahead of the panel
    const now = () => { if (!waiting) follow(model, false); };
    const step = () => { if (!waiting) follow(model, model.get("goes_back")); };
    const back = () => {
      if (!model.get("goes_back") || !document.body.classList.contains("wb-app")) return;
      waiting += 1;
      try { model.send({ type: "return", query: location.search }); } catch { waiting -= 1; }
    };
    const answered = (message) => { if (message.type === "returned") { waiting = Math.max(0, waiting - 1); now(); } };
    model.on("change:query", step);
    model.on("change:visitor", now);
    model.on("msg:custom", answered);
    window.addEventListener("popstate", back);
    now();
    return () => { model.off("change:query", step); model.off("change:visitor", now); model.off("msg:custom", answered); window.removeEventListener("popstate", back); };
  },
};
