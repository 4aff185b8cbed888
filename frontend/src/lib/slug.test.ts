import { expect, test } from "vitest";

import { slugOf } from "./slug";

test.each([
  ["The log is the story: writing software that remembers", "the-log-is-the-story-writing-software-that-remembers"],
  ["  Don’t -- panic!  ", "dont-panic"],
  ["Über Ökonomie № 5", "über-ökonomie-no-5"],
  ["日本語のタイトル", "日本語のタイトル"],
  ["हिन्दी में", "हिन्दी-में"],
  ["…", ""],
])("the title %j suggests %j, as the server makes it", (title, slug) => {
  expect(slugOf(title)).toBe(slug);
});

test("a long one is cut between two words", () => {
  const slug = slugOf("word ".repeat(30));

  expect(slug).toBe(Array(16).fill("word").join("-"));
});
