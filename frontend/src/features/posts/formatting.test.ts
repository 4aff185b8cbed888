import { expect, test } from "vitest";

import { format, type Mark } from "./formatting";

/** Marks the selection between | and |, and gives the text with its new selection. */
function formatted(text: string, mark: Mark): string {
  const [before = "", chosen = "", after = ""] = text.split("|");
  const whole = before + chosen + after;
  const { from, to, insert, select } = format(whole, before.length, before.length + chosen.length, mark);
  const result = whole.slice(0, from) + insert + whole.slice(to);
  return `${result.slice(0, select[0])}|${result.slice(...select)}|${result.slice(select[1])}`;
}

test.each<[Mark, string, string]>([
  ["bold", "a |b| c", "a **|b|** c"],
  ["bold", "a **|b|** c", "a |b| c"],
  ["italic", "||", "_||_"],
  ["code", "|x|", "`|x|`"],
  ["link", "see |this|", "see [this](|https://|)"],
  ["link", "see ||", "see [|text|](https://)"],
  ["quote", "one\n|two\nthree|", "one\n> two\n> three||"],
  ["quote", "|> two\n> three|", "two\nthree||"],
  ["heading", "one\ntw||o", "one\n## tw||o"],
])("%s on %j gives %j", (mark, text, expected) => {
  expect(formatted(text, mark)).toBe(expected);
});
