/** Checks what was built: the entry is small enough, and the theme script can be served as a classic one. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 160;

interface Chunk {
  file: string;
  imports?: string[];
}

const dist = new URL("../dist/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, dist));
const manifest = JSON.parse(read(".vite/manifest.json").toString()) as Record<string, Chunk>;

function chunk(name: string): Chunk {
  const found = manifest[name];
  if (found === undefined) throw new Error(`${name} is not in the manifest`);
  return found;
}

/** The file and everything that it can not start without. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (!seen.has(name)) {
    seen.add(name);
    for (const imported of chunk(name).imports ?? []) withImports(imported, seen);
  }
  return seen;
}

const entry = [...withImports("src/main.tsx")].map((name) => gzipSync(read(chunk(name).file)).length);
const kb = entry.reduce((sum, size) => sum + size, 0) / 1000;
const theme = read(chunk("src/theme.ts").file).toString();
const failures = [
  ...(kb > BUDGET_KB ? [`The entry is ${kb.toFixed(1)} KB gz, more than ${String(BUDGET_KB)}.`] : []),
  ...(/\b(import|export)\b/.test(theme) ? ["The theme script imports or exports, so it is no classic script."] : []),
];

console.log(`entry ${kb.toFixed(1)} KB gz of ${String(BUDGET_KB)}`);
for (const failure of failures) console.error(failure);
if (failures.length > 0) process.exit(1);
