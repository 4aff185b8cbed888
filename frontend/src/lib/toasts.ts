/** Short messages at the edge of the window; they go by themselves, unless somebody is on them. */
import { Store } from "./store";

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void } | undefined;
}

export const toasts = new Store<readonly Toast[]>([]);

let last = 0;

export function toast(text: string, action?: Toast["action"]): void {
  toasts.set([...toasts.get().slice(-2), { id: ++last, text, action }]);
}

export function dismiss(id: number): void {
  toasts.set(toasts.get().filter((one) => one.id !== id));
}
