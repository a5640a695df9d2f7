// A figure inside [data-watch] that changes is washed once; the wash ends by itself.
const observer = new MutationObserver((records) => {
  for (const record of records) {
    const node = record.target.nodeType === Node.TEXT_NODE ? record.target.parentElement : record.target;
    node?.closest("[data-watch]")?.setAttribute("data-changed", "");
  }
});

observer.observe(document.body, { subtree: true, characterData: true, childList: true });

document.addEventListener("animationend", (event) => event.target.removeAttribute("data-changed"));
