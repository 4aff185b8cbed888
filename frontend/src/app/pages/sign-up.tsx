import { Heading } from "@/components/heading";
import { SignUpForm } from "@/features/auth/components/sign-up-form";
import { safeNext } from "@/lib/paths";
import { useVisit } from "@/lib/visit";

import { signUpRoute } from "../router";

export function SignUpPage() {
  const { next } = signUpRoute.useSearch();
  const visit = useVisit();
  return (
    <div className="narrow">
      <Heading className="page-title" title="Sign up" />
      <SignUpForm
        onDone={() => {
          visit(safeNext(next));
        }}
      />
      <p className="quiet">
        You have an account? <a href={next === undefined ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`}>Sign in</a>
      </p>
    </div>
  );
}
