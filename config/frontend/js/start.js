// Runs at the top of the body, so that what needs JavaScript does not jump into place after the first paint.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
