import { expect, test } from "vitest";

import { merge, saw, seenSoFar } from "./consistency";

test("two tokens become the farther one of each partition", () => {
  expect(merge("posts/3:1842,comments/7:55", "comments/7:60,posts/3:12,sessions/0:1")).toBe("comments/7:60,posts/3:1842,sessions/0:1");
});

test("offsets are compared as numbers", () => {
  expect(merge("posts/3:999", "posts/3:1000")).toBe("posts/3:1000");
});

test("what is malformed counts as unseen", () => {
  expect(merge("posts/3:12,nonsense,posts/x:1,:5", "")).toBe("posts/3:12");
});

test("a tab remembers the farthest that it saw, also after a reload", () => {
  saw("posts/3:10");
  saw("posts/3:4,comments/0:2");
  saw(null);

  expect(seenSoFar()).toBe("comments/0:2,posts/3:10");
  expect(sessionStorage.getItem("inkstream.consistency")).toBe("comments/0:2,posts/3:10");
});
