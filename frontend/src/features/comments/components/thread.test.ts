import { expect, test } from "vitest";

import type { ThreadComment } from "../api/comments";
import { treeOf } from "./thread";

type Shape = [string, ...Shape[]];

function shapeOf(nodes: ReturnType<typeof treeOf>): Shape[] {
  return nodes.map(({ comment, answers }) => [comment.id, ...shapeOf(answers)]);
}

/** "a b1 c2": comments with their depths. */
function thread(text: string): Shape[] {
  return shapeOf(treeOf(text.split(" ").map((one) => ({ id: one.charAt(0), depth: Number(one.slice(1)) }) as ThreadComment)));
}

test("answers stand under what they answer, in order", () => {
  expect(thread("a b1 c2 d1 e")).toEqual([["a", ["b", ["c"]], ["d"]], ["e"]]);
});

test("deeper than three levels they stay at the third", () => {
  expect(thread("a b1 c2 d3 e4 f5")).toEqual([["a", ["b", ["c", ["d"], ["e"], ["f"]]]]]);
});

test("an answer whose comment is on an earlier page stands as high as it must", () => {
  expect(thread("c2 d3 e")).toEqual([["c", ["d"]], ["e"]]);
});

test("a comment that comes twice, with two pages, is shown once", () => {
  expect(thread("a b a")).toEqual([["a"], ["b"]]);
});
