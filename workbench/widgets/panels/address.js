// Keeps the address of an app in line with its panel, and hands dataset and visitor on to the other apps.
const OWN = ["dataset", "text", "mode", "label", "version", "threshold", "since", "until", "review", "source"];

// Other conditions of a filter, as Python writes them: people, languages, properties and so on.
const CONDITION = /^(reviewed|language|cluster|uid|thread(-(messages|position|duration|response|answered))?|threaded|labels|attachments?|translated|text-in|((first-)?sender|recipient|b?cc)(-(not|domain|domain-not|missing))?)$|(^|\.)(string|number):/;

function follow(model) {
  if (!document.body.classList.contains("wb-app")) return;
  const url = new URL(location.href), wanted = new URLSearchParams(model.get("query")), visitor = model.get("visitor");
  for (const name of new Set(url.searchParams.keys())) if (OWN.includes(name) || CONDITION.test(name)) url.searchParams.delete(name);
  for (const [name, value] of wanted) url.searchParams.append(name, value);
  if (visitor) url.searchParams.set("user", visitor);
  if (url.href !== location.href) history.replaceState(history.state, "", url);
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
    const now = () => follow(model);
    model.on("change:query change:visitor", now);
    now();
    return () => model.off("change:query change:visitor", now);
  },
};
