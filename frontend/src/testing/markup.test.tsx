/** Server and app write the same markup: the sample pages are what both keep to (MARKUP.md). */
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { open } from "./app";
import { Backend } from "./backend";
import { shared } from "./normal";

function sample(name: string): Document {
  return new DOMParser().parseFromString(readFileSync(`src/testing/pages/${name}.html`, "utf8"), "text/html");
}

test.each([
  ["home", "/"],
  ["home-empty", "/"],
  ["article", "/@mira/the-log-is-the-story"],
  ["profile", "/@mira"],
  ["not-found", "/@mira/nothing"],
])("the app writes the sample page %s over itself", async (name, path) => {
  const page = sample(name);
  const backend = new Backend();

  const { container } = await open(path, backend, page, { resumed: false });

  expect(shared(container)).toBe(shared(page.getElementById("root")!));
  expect(document.title).toBe(page.title);
  expect(backend.seen).toEqual([]);
});

test("a page that is the app's alone begins as the frame of every page", async () => {
  const page = sample("shell");

  const { container } = await open("/nowhere", new Backend(), page, { resumed: false });

  const frame = shared(container).split("<main")[0];
  expect(frame).toBe(shared(page.getElementById("root")!).split("<main")[0]);
});
