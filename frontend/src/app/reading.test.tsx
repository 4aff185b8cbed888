/** What a reader meets. */
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { open, remember } from "@/testing/app";
import { Backend, problem } from "@/testing/backend";
import { library, postOf } from "@/testing/samples";

test("an empty home invites to sign up", async () => {
  await open("/", new Backend());

  expect(await screen.findByRole("heading", { name: "Nothing is published yet" })).toBeVisible();
  expect(within(screen.getByRole("main")).getByRole("link", { name: "Sign up" })).toHaveAttribute("href", "/sign-up");
});

test("an empty home invites who is signed in to write", async () => {
  const backend = new Backend();
  remember(backend, "mira");

  await open("/", backend);

  expect(await within(screen.getByRole("main")).findByRole("link", { name: "Write the first post" })).toHaveAttribute("href", "/write");
});

test("load more appends the next page and goes on reading there", async () => {
  const { user } = await open("/", new Backend(library()));
  expect(screen.getAllByRole("article")).toHaveLength(20);

  await user.click(screen.getByRole("link", { name: "Load more" }));

  await waitFor(() => {
    expect(screen.getAllByRole("article")).toHaveLength(28);
  });
  expect(within(screen.getAllByRole("article")[20]!).getByRole("link", { name: /Reading|Small|part|Notes|Twenty|On keeping|Leases|What|very/ })).toHaveFocus();
  expect(screen.queryByRole("link", { name: "Load more" })).toBeNull();
});

test("a link to a later page shows that page", async () => {
  await open("/?cursor=20", new Backend(library()));

  expect(screen.getAllByRole("article")).toHaveLength(8);
});

test("a link within the app changes the page, and its heading takes focus", async () => {
  const { user } = await open("/", new Backend(library()));

  await user.click(screen.getByRole("link", { name: postOf().title }));

  const heading = await screen.findByRole("heading", { level: 1, name: postOf().title });
  expect(heading).toHaveFocus();
  expect(document.title).toBe(`${postOf().title} · Inkstream`);
});

test("a page that is come back to shows what others have written since", async () => {
  const backend = new Backend(library());
  const { user } = await open("/@mira/the-log-is-the-story", backend);
  await user.click(screen.getByRole("link", { name: "Inkstream" }));
  await screen.findByRole("heading", { level: 1, name: "Latest posts" });
  backend.posts.find(({ slug }) => slug === "the-log-is-the-story")!.title = "The log is all of the story";

  await user.click(screen.getByRole("link", { name: postOf().title }));

  expect(await screen.findByRole("heading", { level: 1, name: "The log is all of the story" })).toBeVisible();
});

test("an article shows its answers under what they answer, and a deleted comment keeps its place", async () => {
  await open("/@mira/the-log-is-the-story", new Backend(library()));

  const first = screen.getByText(/Do you snapshot/).closest("li")!;
  expect(within(first).getByText(/Snapshots every 200/)).toBeVisible();
  expect(within(first).getByText("Author")).toBeVisible();
  expect(within(first).getByText("Comment deleted by its author")).toBeVisible();
  expect(within(first).queryByText(/I read this twice/)).toBeNull();
});

test("a post that is not there is a page of its own", async () => {
  await open("/@mira/nothing", new Backend(library()));

  expect(await screen.findByRole("heading", { level: 1, name: "There is no page here" })).toBeVisible();
});

test("an address that nobody knows is the same page", async () => {
  await open("/no/such/place", new Backend());

  expect(await screen.findByRole("heading", { level: 1, name: "There is no page here" })).toBeVisible();
});

test("a page that fails says what happened, keeps its number under Details, and can be tried again", async () => {
  const backend = new Backend(library());
  backend.interruptions.push(() => problem(500, "internal", "A fault"));
  const { user } = await open("/", backend);
  expect(await screen.findByText("Inkstream made a mistake here.")).toBeVisible();
  await user.click(screen.getByText("Details"));
  expect(screen.getByText("req-0042")).toBeVisible();

  backend.interruptions.length = 0;
  await user.click(screen.getByRole("button", { name: "Try again" }));

  await waitFor(() => {
    expect(screen.getAllByRole("article")).toHaveLength(20);
  });
});

test("too many requests count down until they may go on", async () => {
  const backend = new Backend(library());
  backend.interruptions.push(() => problem(429, "too-many", "Slower", {}, { "Retry-After": "30" }));

  await open("/", backend);

  expect(await screen.findByText(/You can try again in (30|29) s\./)).toBeVisible();
  expect(screen.getByRole("button", { name: "Try again" })).toBeDisabled();
});

test("a reader without an account causes no question for a session", async () => {
  const backend = new Backend(library());

  await open("/", backend);

  expect(await screen.findByRole("link", { name: "Sign in" })).toBeVisible();
  expect(backend.asked("POST", "/api/auth/refresh")).toEqual([]);
});

test("j and k go from post to post, not while something is typed", async () => {
  const { user } = await open("/", new Backend(library()));

  await user.keyboard("jj");
  expect(screen.getByRole("link", { name: "Small tools, sharp edges" })).toHaveFocus();
  await user.keyboard("k");

  expect(screen.getByRole("link", { name: postOf().title })).toHaveFocus();
});

test("c goes to the comment, and what is typed there is text", async () => {
  const { user } = await open("/@mira/the-log-is-the-story", new Backend(library()));

  await user.keyboard("c");
  await user.keyboard("just");

  expect(screen.getByLabelText("Join the discussion")).toHaveValue("just");
});

test("the single keys can be switched off, and stay so", async () => {
  const { user } = await open("/", new Backend(library()));
  await user.keyboard("?");
  await user.click(await screen.findByLabelText("Single keys do this"));
  await user.click(screen.getByRole("button", { name: "Close" }));

  await user.keyboard("j");

  expect(screen.getByRole("link", { name: postOf().title })).not.toHaveFocus();
  expect(localStorage.getItem("inkstream.keys")).toBe("off");
});

test("the theme is chosen, shown and remembered", async () => {
  const { user } = await open("/", new Backend());

  await user.click(await screen.findByRole("button", { name: "Theme: system" }));
  await user.click(await screen.findByRole("menuitemradio", { name: "Dark" }));

  expect(document.documentElement.dataset["theme"]).toBe("dark");
  expect(localStorage.getItem("inkstream.theme")).toBe("dark");
  expect(await screen.findByRole("button", { name: "Theme: dark" })).toBeVisible();
});
