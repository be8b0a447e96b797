import {
  Button,
  CharacterCount,
  Checkboxes,
  createAll,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
} from "govuk-frontend";
import { keepDrafts } from "./drafts.js";

const components = [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
];

function start(scope) {
  for (const component of components) createAll(component, undefined, { scope, onError: () => {} });
  scope.querySelectorAll("[data-scroll-region]").forEach(watchScrolling);
  keepDrafts(scope);
}

// A region is a stop for the Tab key only while there is something to scroll.
function watchScrolling(region) {
  const update = () => {
    if (region.scrollWidth > region.clientWidth) region.setAttribute("tabindex", "0");
    else region.removeAttribute("tabindex");
  };
  new ResizeObserver(update).observe(region);
}

start(document);
