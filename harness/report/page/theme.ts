/** Dark or light: the system's unless the reader says otherwise, which is remembered where the browser allows. */
import { h } from "./dom.ts";

const key = "capos-theme";

export function themeButton(): HTMLElement {
  const stored = read();
  if (stored !== null) document.documentElement.dataset["theme"] = stored;
  const button = h("button", { type: "button", class: "theme" });
  const label = (): void => {
    const next = isDark() ? "light" : "dark";
    button.textContent = isDark() ? "☀" : "☾";
    button.setAttribute("aria-label", `Switch to ${next} colours`);
    button.title = `Switch to ${next} colours`;
  };
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset["theme"] = next;
    try {
      localStorage.setItem(key, next);
    } catch {
      // Pages opened from a file may have no storage.
    }
    label();
  });
  label();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  return button;
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
}

function read(): string | null {
  try {
    const stored = localStorage.getItem(key);
    return stored === "dark" || stored === "light" ? stored : null;
  } catch {
    return null;
  }
}
