/** What stands around every page: the way to the content, the header, messages. */
import { Outlet } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Behind } from "@/components/behind";
import { Offline } from "@/components/offline";
import { Toasts } from "@/components/toasts";
import { Account } from "@/features/auth/components/account";

import { Keys } from "./keys";
import { Links } from "./links";

export function Root() {
  return (
    <Links>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Outlet />
      <Behind />
      <Offline />
      <Toasts />
      <Keys />
    </Links>
  );
}

export function Framed({ children = <Outlet /> }: { children?: ReactNode }) {
  return (
    <>
      <header className="bar">
        <div>
          <a className="logo" href="/">
            Inkstream
          </a>
          <nav className="account" aria-label="Account">
            <Account />
          </nav>
        </div>
      </header>
      <main id="main" className="wrap" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
