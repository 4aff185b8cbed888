import { Heading } from "@/components/heading";
import { SignInForm } from "@/features/auth/components/sign-in-form";
import { safeNext } from "@/lib/paths";
import { useVisit } from "@/lib/visit";

import { signInRoute } from "../router";

export function SignInPage() {
  const { next } = signInRoute.useSearch();
  const visit = useVisit();
  return (
    <div className="narrow">
      <Heading className="page-title" title="Sign in" />
      <SignInForm
        onDone={() => {
          visit(safeNext(next));
        }}
      />
      <p className="quiet">
        No account yet? <a href={next === undefined ? "/sign-up" : `/sign-up?next=${encodeURIComponent(next)}`}>Sign up</a>
      </p>
    </div>
  );
}
