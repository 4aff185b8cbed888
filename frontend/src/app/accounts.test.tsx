/** Signing up, in and out. */
import { act, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";

import { session, signedOut } from "@/lib/session";
import { open, remember } from "@/testing/app";
import { Backend, problem } from "@/testing/backend";
import { postOf } from "@/testing/samples";

test("who signs up is signed in and where they wanted to go", async () => {
  const backend = new Backend();
  const { user, router } = await open("/sign-up?next=%2Fdrafts", backend);

  await user.type(await screen.findByLabelText("Name"), "Mira Okafor");
  await user.type(screen.getByLabelText("Handle"), "Mira");
  await user.type(screen.getByLabelText("E-mail"), "mira@example.org");
  await user.type(screen.getByLabelText("Password"), "a long password{Enter}");

  expect(await screen.findByRole("heading", { level: 1, name: "Your posts" })).toHaveFocus();
  expect(backend.accounts[0]).toMatchObject({ handle: "mira", name: "Mira Okafor", email: "mira@example.org" });
  expect(router.state.location.pathname).toBe("/drafts");
});

test("what is wrong is said at its field before anything is sent", async () => {
  const backend = new Backend();
  const { user } = await open("/sign-up", backend);

  await user.type(await screen.findByLabelText("Handle"), "m");
  await user.type(screen.getByLabelText("Password"), "short");
  await user.click(screen.getAllByRole("button", { name: "Sign up" })[0]!);

  expect(screen.getByLabelText("Handle")).toHaveFocus();
  expect(screen.getByLabelText("Password")).toHaveAccessibleDescription(/At least 10 characters, please/);
  expect(backend.seen).toEqual([]);
});

test("a taken handle is said at its field", async () => {
  const backend = new Backend();
  backend.register({ handle: "mira" });
  const { user } = await open("/sign-up", backend);

  await user.type(await screen.findByLabelText("Handle"), "mira");
  await user.type(screen.getByLabelText("E-mail"), "mira@example.org");
  await user.type(screen.getByLabelText("Password"), "a long password{Enter}");

  await waitFor(() => {
    expect(screen.getByLabelText("Handle")).toHaveAccessibleDescription(/This handle is taken/);
  });
  expect(screen.getByLabelText("Handle")).toHaveFocus();
});

test("a wrong password is said, and no session is lost by it", async () => {
  const backend = new Backend();
  backend.register({ handle: "mira" });
  const { user } = await open("/sign-in", backend);

  await user.type(await screen.findByLabelText("Handle or e-mail"), "mira");
  await user.type(screen.getByLabelText("Password"), "not this one{Enter}");

  expect(await screen.findByRole("alert")).toHaveTextContent("Handle, e-mail or password is wrong.");
  expect(backend.asked("POST", "/api/auth/refresh")).toEqual([]);
});

test("an answer that may come later counts down on the button", async () => {
  const backend = new Backend();
  backend.interruptions.push(() => problem(429, "too-many", "Slower", {}, { "Retry-After": "9" }));
  const { user } = await open("/sign-in", backend);

  await user.type(await screen.findByLabelText("Handle or e-mail"), "mira");
  await user.type(screen.getByLabelText("Password"), "a long password{Enter}");

  expect(await screen.findByText(/You can try again in [89] s\./)).toBeVisible();
});

test("a page of one's own asks to sign in first and is where one lands then", async () => {
  const backend = new Backend();
  backend.register({ handle: "mira" });
  const { user, router } = await open("/drafts", backend);

  await user.type(await screen.findByLabelText("Handle or e-mail"), "mira");
  await user.type(screen.getByLabelText("Password"), "a long password{Enter}");

  expect(await screen.findByRole("heading", { level: 1, name: "Your posts" })).toBeVisible();
  expect(router.state.location.pathname).toBe("/drafts");
});

test("signing in leads to no other site", async () => {
  const backend = new Backend();
  backend.register({ handle: "mira" });
  const { user, router } = await open("/sign-in?next=%2F%2Felsewhere.test", backend);

  await user.type(await screen.findByLabelText("Handle or e-mail"), "mira");
  await user.type(screen.getByLabelText("Password"), "a long password{Enter}");

  await waitFor(() => {
    expect(router.state.location.pathname).toBe("/");
  });
});

test("signing out closes the session and forgets it here", async () => {
  const backend = new Backend();
  remember(backend, "mira");
  const { user } = await open("/", backend);

  await user.click(await screen.findByRole("button", { name: "Your account, mira" }));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));

  expect(await screen.findByText("You are signed out")).toBeVisible();
  expect(session.get().state).toBe("out");
  expect(localStorage.getItem("inkstream.user")).toBeNull();
  expect(backend.cookie).toBeNull();
});

test("what is for its author's eyes goes when they sign out in another tab", async () => {
  const backend = new Backend();
  const author = backend.register({ handle: "mira" });
  backend.posts.push(postOf({ author, title: "Not for you", stage: "draft" }));
  remember(backend, "mira");
  await open("/drafts", backend);
  expect(await screen.findByRole("link", { name: "Not for you" })).toBeVisible();

  act(() => {
    signedOut(false);
  });

  expect(screen.queryByText("Not for you")).toBeNull();
  expect(screen.getByRole("link", { name: "Sign in to see them" })).toHaveAttribute("href", "/sign-in?next=%2Fdrafts");
});

test("a sign-out that did not reach the service is not said to be one", async () => {
  const backend = new Backend();
  remember(backend, "mira");
  const { user } = await open("/", backend);
  backend.interruptions.push((request) => (request.url.endsWith("/logout") ? problem(500, "internal", "A fault") : undefined));

  await user.click(await screen.findByRole("button", { name: "Your account, mira" }));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));

  expect(await screen.findByText(/You are still signed in/)).toBeVisible();
  expect(session.get().state).toBe("in");
});
