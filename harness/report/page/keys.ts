/** Keys of the whole page. Those of a field stay the field's. */

export interface Actions {
  readonly search: () => void;
  readonly case: (by: 1 | -1) => void;
  readonly landmark: (by: 1 | -1) => void;
  readonly overview: () => void;
}

export function keys(actions: Actions): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    const inField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
    if (inField) {
      if (event.key === "Escape") target.blur();
      return;
    }
    const act = actionOf(event.key, actions);
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
}

function actionOf(key: string, actions: Actions): (() => void) | undefined {
  switch (key) {
    case "/":
      return actions.search;
    case "j":
      return () => actions.case(1);
    case "k":
      return () => actions.case(-1);
    case "n":
      return () => actions.landmark(1);
    case "p":
      return () => actions.landmark(-1);
    case "m":
      return actions.overview;
    default:
      return undefined;
  }
}
