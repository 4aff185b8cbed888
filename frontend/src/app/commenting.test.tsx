/** Commenting: at once, taken back on failure, never twice, never lost. */
import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { expect, test, vi } from "vitest";

import { patience } from "@/lib/patience";
import { open, remember } from "@/testing/app";
import { Backend, problem } from "@/testing/backend";
import { library, postOf } from "@/testing/samples";

const PATH = "/@mira/the-log-is-the-story";

function blog(): Backend {
  return new Backend([postOf({ comments: { items: [...postOf().comments.items], next: null } }), ...library().slice(1)]);
}

test("what was written signed out survives signing in, and is posted then", async () => {
  const backend = blog();
  backend.register({ handle: "ada", name: "Ada" });
  const { user, router } = await open(PATH, backend);

  await user.type(screen.getByLabelText("Join the discussion"), "I came back for this.");
  await user.click(await screen.findByRole("button", { name: "Sign in to comment" }));
  await user.type(await screen.findByLabelText("Handle or e-mail"), "ada");
  await user.type(screen.getByLabelText("Password"), "a long password{Enter}");

  const box = await screen.findByLabelText("Join the discussion");
  expect(box).toHaveValue("I came back for this.");
  expect(router.state.location.pathname).toBe(PATH);
  await user.click(screen.getByRole("button", { name: "Comment" }));
  expect(await screen.findByText("Comment posted")).toBeVisible();
  expect(box).toHaveValue("");
  expect(screen.getByText("I came back for this.").closest("li")).toHaveTextContent("Ada");
  expect(screen.getByRole("heading", { name: "5 comments" })).toBeVisible();
});

test("comments that were being read when one was written do not take it away", async () => {
  const backend = blog();
  backend.register({ handle: "ada", name: "Ada" });
  const { user } = await open(PATH, backend);
  await user.type(screen.getByLabelText("Join the discussion"), "Between two reads");
  await user.click(await screen.findByRole("button", { name: "Sign in to comment" }));
  const before = { items: postOf().comments.items, next: null };
  let answer: () => void = () => undefined;
  const held = new Promise<Response>((resolve) => {
    answer = () => {
      resolve(HttpResponse.json(before));
    };
  });
  let reads = 0;
  backend.interruptions.push((request) => (/posts\/[^/]+\/comments/.test(request.url) && ++reads === 1 ? held : undefined));
  await user.type(await screen.findByLabelText("Handle or e-mail"), "ada");
  await user.type(screen.getByLabelText("Password"), "a long password{Enter}");

  await user.click(await screen.findByRole("button", { name: "Comment" }));
  expect(await screen.findByText("Comment posted")).toBeVisible();
  answer();

  await waitFor(() => {
    expect(reads).toBe(2);
  });
  expect(screen.getByText("Between two reads").closest("li")).toHaveTextContent("Ada");
  expect(screen.getByRole("heading", { name: "5 comments" })).toBeVisible();
});

test("a comment stands there before the service has answered", async () => {
  const backend = blog();
  remember(backend, "ada");
  const { user } = await open(PATH, backend);
  let answer: () => void = () => undefined;
  const held = new Promise<undefined>((resolve) => {
    answer = () => {
      resolve(undefined);
    };
  });
  backend.interruptions.push((request) => (request.url.endsWith("/api/comments") ? (held as unknown as Promise<Response>) : undefined));

  await user.type(screen.getByLabelText("Join the discussion"), "At once");
  await user.click(await screen.findByRole("button", { name: "Comment" }));

  expect(within((await screen.findByText("At once")).closest("li")!).getByText("Sending…")).toBeVisible();
  answer();
  await waitFor(() => {
    expect(screen.queryByText("Sending…")).toBeNull();
  });
  expect(screen.getByText("At once")).toBeVisible();
});

test("a refused comment is taken back, and its text is back in the box", async () => {
  const backend = blog();
  remember(backend, "ada");
  const { user } = await open(PATH, backend);
  backend.interruptions.push((request) => (request.url.endsWith("/api/comments") ? problem(409, "closed", "The discussion is closed") : undefined));

  await user.type(screen.getByLabelText("Join the discussion"), "Too late");
  await user.click(await screen.findByRole("button", { name: "Comment" }));

  expect(await screen.findByText("The discussion is closed.")).toBeVisible();
  expect(screen.getByText("Your comment was not posted. Its text is back in the box.")).toBeVisible();
  expect(screen.getByLabelText("Join the discussion")).toHaveValue("Too late");
  expect(screen.getAllByRole("listitem").filter((item) => item.textContent.includes("Too late"))).toEqual([]);
});

test("a comment that got no answer is not said to be refused", async () => {
  vi.spyOn(patience, "writes", "get").mockReturnValue([]);
  const backend = blog();
  remember(backend, "ada");
  const { user } = await open(PATH, backend);
  backend.interruptions.push((request) => (request.url.endsWith("/api/comments") ? problem(503, "unavailable", "No replica answers") : undefined));

  await user.type(screen.getByLabelText("Join the discussion"), "Anybody there?");
  await user.click(await screen.findByRole("button", { name: "Comment" }));

  expect(await screen.findByText("It is not known yet whether your comment was posted. Its text is back in the box.")).toBeVisible();
  expect(screen.queryByText(/Nothing was changed/)).toBeNull();
  expect(screen.getByLabelText("Join the discussion")).toHaveValue("Anybody there?");
});

test("trying again after a lost answer is the same act", async () => {
  vi.spyOn(patience, "writes", "get").mockReturnValue([]);
  const backend = blog();
  remember(backend, "ada");
  const { user } = await open(PATH, backend);
  const handle = backend.handle.bind(backend);
  let lost = 0;
  vi.spyOn(backend, "handle").mockImplementation(async (request) => {
    const answer = await handle(request);
    return request.url.endsWith("/api/comments") && lost++ === 0 ? HttpResponse.error() : answer;
  });

  await user.type(screen.getByLabelText("Join the discussion"), "Only once");
  await user.click(await screen.findByRole("button", { name: "Comment" }));
  await user.click(await screen.findByRole("button", { name: "Try again" }));

  expect(await screen.findByText("Comment posted")).toBeVisible();
  const keys = backend.asked("POST", "/api/comments").map(({ headers }) => headers.get("Idempotency-Key"));
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
  expect(backend.posts[0]?.comments.items.filter(({ body }) => body === "Only once")).toHaveLength(1);
});

test("a reply takes focus, stands under its comment, and keeps its own draft", async () => {
  const backend = blog();
  remember(backend, "ada");
  const { user } = await open(PATH, backend);

  await user.click(screen.getAllByRole("button", { name: "Reply" })[0]!);
  expect(screen.getByLabelText("Reply to Jonas")).toHaveFocus();
  await user.keyboard("Replay is fast.");
  await user.keyboard("{Control>}{Enter}{/Control}");

  const under = screen.getByText(/Do you snapshot/).closest("li")!;
  expect(await within(under).findByText("Replay is fast.")).toBeVisible();
  await waitFor(() => {
    expect(screen.queryByLabelText("Reply to Jonas")).toBeNull();
  });
  expect(screen.getByLabelText("Join the discussion")).toHaveValue("");
});

test("the draft of a comment is there after a reload", async () => {
  const first = await open(PATH, blog());
  await first.user.type(screen.getByLabelText("Join the discussion"), "Not done yet");
  first.unmount();

  await open(PATH, blog());

  expect(screen.getByLabelText("Join the discussion")).toHaveValue("Not done yet");
});

test("a comment that is too long says by how much and is not sent", async () => {
  const backend = blog();
  remember(backend, "ada");
  const { user } = await open(PATH, backend);

  await user.click(screen.getByLabelText("Join the discussion"));
  await user.paste("x".repeat(10_002));
  await user.click(await screen.findByRole("button", { name: "Comment" }));

  expect(screen.getByText("2 characters too many")).toBeVisible();
  expect(backend.asked("POST", "/api/comments")).toEqual([]);
});
