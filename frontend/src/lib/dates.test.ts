import { expect, test } from "vitest";

import { absolute, relative, since } from "./dates";

const NOW = Date.parse("2026-11-12T12:00:00Z");

test("a date is written as the server writes it", () => {
  expect(["2026-09-02T23:59:59Z", "2026-11-12T00:30:00+02:00"].map(absolute)).toEqual(["2 Sep 2026", "11 Nov 2026"]);
});

test.each([
  ["2026-11-12T11:59:30Z", "just now"],
  ["2026-11-12T11:15:00Z", "45 min ago"],
  ["2026-11-12T07:00:00Z", "5 h ago"],
  ["2026-11-11T11:00:00Z", "yesterday"],
  ["2026-11-06T11:00:00Z", "6 days ago"],
  ["2026-11-05T12:00:00Z", "5 Nov 2026"],
  ["2026-11-13T12:00:00Z", "13 Nov 2026"],
])("%s is %s", (time, words) => {
  expect(relative(time, NOW)).toBe(words);
});

test("how long a text has been safe is told by the second, then by the minute", () => {
  expect([2, 12, 59, 150].map((seconds) => since(NOW - seconds * 1000, NOW))).toEqual(["just now", "12 s ago", "59 s ago", "2 min ago"]);
});
