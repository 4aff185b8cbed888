/** Writing: what is saved, what is kept, and what happens when two write. */
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { patience } from "@/lib/patience";
import { session } from "@/lib/session";
import { open, remember } from "@/testing/app";
import { Backend, json, problem } from "@/testing/backend";
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

function text() {
  return screen.getByLabelText("Text, in Markdown");
}

/** Somebody saves the post in between. */
function elsewhere(backend: Backend, body: string): void {
  const [post] = backend.posts;
  if (post) backend.posts[0] = { ...post, body, version: post.version + 1 };
}

test("a new draft is saved, gets its address, and stays in the same editor", async () => {
  const backend = blog();
  const { user, router } = await open("/write", backend);
  expect(await title()).toHaveFocus();

  await user.keyboard("On leases{Enter}They save work.");
  await user.click(screen.getByRole("button", { name: "Save draft" }));

  await waitFor(() => {
    expect(router.state.location.pathname).toBe(`/write/${backend.posts[0]!.id}`);
  });
  expect(await screen.findByText("Saved")).toBeVisible();
  expect(backend.posts[0]).toMatchObject({ title: "On leases", body: "They save work.", stage: "draft" });
  expect(text()).toHaveValue("They save work.");
});

test("a revision names the version that it started from", async () => {
  const backend = blog();
  const { user } = await open(`/write/${ID}`, backend);

  await user.type(await title(), ", revised");
  await user.keyboard("{Control>}s{/Control}");

  expect(await screen.findByText("Saved")).toBeVisible();
  const [sent] = backend.asked("PATCH", `/api/posts/${ID}`);
  expect(sent?.headers.get("If-Match")).toBe('"3"');
  expect(sent?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
  expect(backend.posts[0]).toMatchObject({ title: "A draft, revised", version: 4 });
});

test("a change from elsewhere is not overwritten: it says so and offers both ways", async () => {
  const backend = blog();
  const { user } = await open(`/write/${ID}`, backend);
  await user.type(await title(), ", mine");
  elsewhere(backend, "Their text");

  await user.click(screen.getByRole("button", { name: "Save draft" }));

  const panel = await screen.findByRole("alert", { name: "This post was changed elsewhere" });
  expect(panel).toHaveFocus();
  expect(screen.getByText("Not saved: changed elsewhere")).toBeVisible();
  expect(within(panel).getByRole("button", { name: "Load theirs" })).toBeVisible();
  expect(backend.posts[0]).toMatchObject({ title: "A draft", body: "Their text" });
});

test("keeping mine saves it over the version that was shown", async () => {
  const backend = blog();
  const { user } = await open(`/write/${ID}`, backend);
  await user.type(await title(), ", mine");
  elsewhere(backend, "Their text");
  await user.click(screen.getByRole("button", { name: "Save draft" }));

  await user.click(await screen.findByRole("button", { name: "Keep mine" }));

  expect(await screen.findByText("Saved")).toBeVisible();
  expect(backend.posts[0]).toMatchObject({ title: "A draft, mine", body: "As it was", version: 5 });
  expect(screen.queryByText("This post was changed elsewhere")).toBeNull();
});

test("loading theirs puts it into the editor, and undo brings mine back", async () => {
  const backend = blog();
  const { user } = await open(`/write/${ID}`, backend);
  await user.type(await title(), ", mine");
  elsewhere(backend, "Their text");
  await user.click(screen.getByRole("button", { name: "Save draft" }));

  await user.click(await screen.findByRole("button", { name: "Load theirs" }));

  expect(text()).toHaveValue("Their text");
  expect(await title()).toHaveValue("A draft");
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  expect(await title()).toHaveValue("A draft, mine");
});

test("while it is not known whether a text was saved, the editor says exactly that", async () => {
  vi.spyOn(patience, "questions", "get").mockReturnValue([1]);
  const backend = blog();
  backend.interruptions.push((request) => {
    if (request.method === "PATCH") return problem(503, "unknown", "Not known yet", {}, { Location: "/api/posts/commands/a.b.c.d" });
    return request.url.endsWith("/a.b.c.d") ? json({ state: "open" }) : undefined;
  });
  const { user } = await open(`/write/${ID}`, backend);

  await user.type(await title(), "!");
  await user.click(screen.getByRole("button", { name: "Save draft" }));

  expect(await screen.findByText(/^Not known yet whether it was saved/)).toBeVisible();
  expect(screen.getByText(/Trying again is safe: it will not happen twice/)).toBeVisible();
  backend.interruptions.length = 0;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Saved")).toBeVisible();
  expect(new Set(backend.asked("PATCH", `/api/posts/${ID}`).map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(1);
});

test("unsaved text is kept on this device and offered when one comes back", async () => {
  const backend = blog();
  const first = await open(`/write/${ID}`, backend);
  await first.user.type(await title(), ", unsaved");
  expect(await screen.findByText("Unsaved changes, kept on this device")).toBeVisible();
  first.unmount();
  session.set({ state: "unknown", user: session.get().user });

  const { user } = await open(`/write/${ID}`, backend);

  expect(await title()).toHaveValue("A draft, unsaved");
  await user.click(screen.getByRole("button", { name: "Discard it" }));
  expect(await title()).toHaveValue("A draft");
});

test("text that was kept from an older version does not overwrite a newer one", async () => {
  const backend = blog();
  const first = await open(`/write/${ID}`, backend);
  await first.user.type(await title(), ", unsaved");
  await screen.findByText("Unsaved changes, kept on this device");
  first.unmount();
  session.set({ state: "unknown", user: session.get().user });
  elsewhere(backend, "Their text");

  const { user } = await open(`/write/${ID}`, backend);
  await user.click(await screen.findByRole("button", { name: "Save draft" }));

  expect(await screen.findByRole("alert", { name: "This post was changed elsewhere" })).toBeVisible();
  expect(backend.posts[0]).toMatchObject({ body: "Their text" });
});

test("a page with unsaved text is not left without a word", async () => {
  const backend = blog();
  const { user, router } = await open(`/write/${ID}`, backend);
  await user.type(await title(), "!");

  await user.click(screen.getByRole("link", { name: "Drafts" }));

  const question = await screen.findByRole("alertdialog", { name: "Leave without saving?" });
  expect(router.state.location.pathname).toBe(`/write/${ID}`);
  await user.click(within(question).getByRole("button", { name: "Save and leave" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Your posts" })).toBeVisible();
  expect(backend.posts[0]).toMatchObject({ title: "A draft!" });
});

test("a saved page is left at once", async () => {
  const { user } = await open(`/write/${ID}`, blog());
  await title();

  await user.click(screen.getByRole("link", { name: "Drafts" }));

  expect(await screen.findByRole("heading", { level: 1, name: "Your posts" })).toBeVisible();
});

test("the preview is the server's", async () => {
  const backend = blog();
  const { user } = await open(`/write/${ID}`, backend);
  await title();
  await user.type(text(), " **loud**");

  await user.click(screen.getByRole("tab", { name: "Preview" }));

  await waitFor(() => {
    expect(screen.getByText("loud").tagName).toBe("STRONG");
  });
  expect(backend.asked("POST", "/api/posts/preview").at(-1)?.body).toEqual({ body: "As it was **loud**" });
});

test("a session that ends while writing loses nothing", async () => {
  const backend = blog();
  const { user } = await open(`/write/${ID}`, backend);
  await user.type(await title(), "!");
  backend.expireTokens();
  backend.cookie = null;

  await user.click(screen.getByRole("button", { name: "Save draft" }));

  expect(await screen.findByText("You are signed out. Your text is kept on this device.")).toBeVisible();
  expect(screen.getByRole("link", { name: "Sign in to save it" })).toHaveAttribute("href", `/sign-in?next=${encodeURIComponent(`/write/${ID}`)}`);
  expect(screen.queryByRole("alert")).toBeNull();
  expect(await title()).toHaveValue("A draft!");
});

test("who leaves the editor to sign in is not asked whether to leave", async () => {
  const backend = blog();
  const { user, router } = await open(`/write/${ID}`, backend);
  await user.type(await title(), "!");
  await screen.findByText("Unsaved changes, kept on this device");
  backend.expireTokens();
  backend.cookie = null;
  await user.click(screen.getByRole("button", { name: "Save draft" }));

  await user.click(await screen.findByRole("link", { name: "Sign in to save it" }));

  await waitFor(() => {
    expect(router.state.location.pathname).toBe("/sign-in");
  });
  expect(screen.queryByRole("alertdialog")).toBeNull();
});

test("somebody else's post is not found in the editor", async () => {
  await open("/write/0190b000-0000-7000-8000-00000000dead", blog());

  expect(await screen.findByRole("heading", { level: 1, name: "There is no page here" })).toBeVisible();
});

test("drafts and published posts stand apart", async () => {
  const backend = blog();
  backend.posts.push(postOf({ author: backend.accounts[0]!, title: "Out there", slug: "out-there" }));

  await open("/drafts", backend);

  const drafts = screen.getByRole("region", { name: "Drafts" });
  const published = screen.getByRole("region", { name: "Published" });
  expect(await within(drafts).findByRole("link", { name: "A draft" })).toHaveAttribute("href", `/write/${ID}`);
  expect(await within(published).findByRole("link", { name: "View Out there" })).toHaveAttribute("href", "/@mira/out-there");
});
