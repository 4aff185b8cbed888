import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { type Plugin } from "vite";
import { defineConfig } from "vitest/config";

const FRONT_DOOR = process.env["INKSTREAM_PUBLIC_URL"] ?? "http://127.0.0.1:8080";

/** A late font must not move the text: a page keeps the face that it was first painted with. */
const steadyFonts: Plugin = {
  name: "inkstream:steady-fonts",
  enforce: "pre",
  transform(code, id) {
    return id.includes("@fontsource-variable") && id.endsWith(".css") ? code.replaceAll("font-display: swap", "font-display: optional") : undefined;
  },
};

export default defineConfig({
  plugins: [steadyFonts, react()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  build: {
    target: "es2023",
    manifest: true,
    assetsInlineLimit: 0, // the content policy allows no data: addresses
    modulePreload: { polyfill: false }, // it would turn the theme script into a module
    rolldownOptions: { input: { main: "src/main.tsx", theme: "src/theme.ts", icon: "src/icon.svg" } },
  },
  server: { proxy: { "/api": FRONT_DOOR, "/.well-known": FRONT_DOOR } },
  test: {
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "http://inkstream.test/" } },
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    testTimeout: 30_000, // a busy machine is no fault of the app
    css: false,
  },
});
