/**
 * Sets the chosen theme before the first paint.
 *
 * It is served as a classic, blocking script in front of the stylesheet, so it imports and exports nothing.
 */
{
  try {
    const chosen = localStorage.getItem("inkstream.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;
  } catch {
    // Storage is closed to us (a privacy setting): the system's theme it is.
  }
}
