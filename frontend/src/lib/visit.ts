/** Goes to another page of the app; a plain `<a href>` does the same when it is clicked. */
import { createContext, useContext } from "react";

export const Visit = createContext<(path: string) => void>((path) => {
  location.assign(path);
});

export function useVisit(): (path: string) => void {
  return useContext(Visit);
}
