/** Whether this page was reached from another one of the app: then its heading is where reading goes on. */

let pages = 0;
let taken = 0;

/** The router says so for every change of path but the first. */
export function arriving(): void {
  pages++;
}

/** True once for each arrival, unless focus has already found a place on the new page. */
export function arrived(): boolean {
  if (taken === pages) return false;
  taken = pages;
  const at = document.activeElement;
  return at === null || at === document.body || !document.getElementById("main")?.contains(at) || at.matches("a, button, main");
}
