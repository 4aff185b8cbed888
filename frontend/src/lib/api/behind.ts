/** Whether something on the page is older than what this tab has already seen or done. */
import { Store } from "@/lib/store";

export const behind = new Store(false);
