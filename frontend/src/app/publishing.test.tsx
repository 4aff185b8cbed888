/** Showing a post to everyone. */
import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { open, remember } from "@/testing/app";
import { Backend, problem } from "@/testing/backend";
import { postOf } from "@/testing/samples";

const ID = "0190b000-0000-7000-8000-000000000777";

function blog(): Backend {
  const backend = new Backend();
  const me = backend.register({ handle: "mira", name: "Mira" });
  backend.posts.push({ ...postOf({ id: ID, author: me, title: "A draft", body: "As it was", tags: [], excerpt: "", stage: "draft", version: 3 }), slug: null, url: null });
  remember(backend, "mira");
  return backend;
}

function title() {
  return screen.findByLabelText("Title");
}

test("a post is published under the address that was shown, and is there for its author at once", async () => {
  const backend = blog();
  const { user, router } = await open(`/write/${ID}`, backend);
  await user.type(await title(), " of mine");
  await user.click(screen.getByRole("button", { name: "Publish…" }));

  const sheet = await screen.findByRole("dialog", { name: "Publish" });
  expect(within(sheet).getByLabelText("Address")).toHaveAccessibleDescription("inkstream.test/@mira/a-draft-of-mine");
  await user.type(within(sheet).getByLabelText("Tags"), "notes,");
  await user.click(within(sheet).getByRole("button", { name: "Publish" }));

  expect(await screen.findByRole("heading", { level: 1, name: "A draft of mine" })).toBeVisible();
  expect(router.state.location.pathname).toBe("/@mira/a-draft-of-mine");
  expect(backend.posts[0]).toMatchObject({ stage: "published", slug: "a-draft-of-mine", tags: ["notes"] });
  expect(backend.seen.at(-1)?.headers.get("Consistency-Token")).toBe("posts/0:2");
});

test("a post is published once, and left for its page once, however often one clicks", async () => {
  const backend = blog();
  const { user, router } = await open(`/write/${ID}`, backend);
  await title();
  await user.click(screen.getByRole("button", { name: "Publish…" }));

  const button = await screen.findByRole("button", { name: "Publish" });
  act(() => {
    button.click();
    button.click(); // before the first one shows
  });

  expect(await screen.findByRole("heading", { level: 1, name: "A draft" })).toBeVisible();
  expect(router.state.location.pathname).toBe("/@mira/a-draft");
  expect(screen.getAllByText("Published")).toHaveLength(1);
  expect(backend.asked("POST", `/api/posts/${ID}/publish`)).toHaveLength(1);
});

test("Enter ends a tag, and never publishes", async () => {
  const backend = blog();
  const { user } = await open(`/write/${ID}`, backend);
  await title();
  await user.click(screen.getByRole("button", { name: "Publish…" }));

  await user.type(await screen.findByLabelText("Tags"), "notes{Enter}{Enter}");

  expect(screen.getByRole("button", { name: "Remove notes" })).toBeVisible();
  expect(backend.posts[0]!.stage).toBe("draft");
});

test("a taken address is said at its field, and the sheet stays", async () => {
  const backend = blog();
  backend.interruptions.push((request) => (request.url.endsWith("/publish") ? problem(409, "slug-taken", "This slug is taken") : undefined));
  const { user } = await open(`/write/${ID}`, backend);
  await title();
  await user.click(screen.getByRole("button", { name: "Publish…" }));

  await user.click(await screen.findByRole("button", { name: "Publish" }));

  await waitFor(() => {
    expect(screen.getByLabelText("Address")).toHaveAccessibleDescription(/taken by another of your posts/);
  });
});

test("an untitled post can not be published, and the sheet says why", async () => {
  const { user } = await open("/write", blog());
  await title();

  await user.keyboard("{Control>}{Enter}{/Control}");

  expect(await screen.findByText("A post needs a title before it can be shown.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Publish" })).toBeDisabled();
});
