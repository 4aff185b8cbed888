/** The browser's storage, which may be full or forbidden: then a value lives as long as the page. */

function guarded(open: () => Storage) {
  const fallback = new Map<string, string>();
  return {
    read(key: string): string | null {
      try {
        return open().getItem(key) ?? fallback.get(key) ?? null;
      } catch {
        return fallback.get(key) ?? null;
      }
    },
    /** Answers whether the value will outlive the page. */
    write(key: string, value: string): boolean {
      try {
        open().setItem(key, value);
        fallback.delete(key);
        return true;
      } catch {
        fallback.set(key, value);
        return false;
      }
    },
    remove(key: string): void {
      fallback.delete(key);
      try {
        open().removeItem(key);
      } catch {
        // It was never written either.
      }
    },
  };
}

/** Stays on this device. */
export const device = guarded(() => localStorage);
/** Stays as long as the tab. */
export const tab = guarded(() => sessionStorage);
