// Keeps what is typed into a form that names where drafts go: a moment after the last change, and when the page is left.
const WAIT = 1500;

export function keepDrafts(scope) {
  scope.querySelectorAll("form[data-draft]").forEach(keepDraft);
}

function keepDraft(form) {
  const words = form.querySelector("[data-draft-words]");
  let timer;
  let isTyped = false;
  let isSending = false;

  form.addEventListener("input", () => {
    isTyped = true;
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    isTyped = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });

  async function save() {
    clearTimeout(timer);
    if (!isTyped || isSending) return;
    isTyped = false;
    isSending = true;
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: new FormData(form), keepalive: true });
      words.textContent = (await answer.json()).words;
    } catch {
      isTyped = true;
      words.textContent = "Your draft is not saved: there is no connection. What you typed stays on this page.";
    } finally {
      isSending = false;
      if (isTyped) timer = setTimeout(save, WAIT);
    }
  }
}
