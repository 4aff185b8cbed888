/** The ways in which a request fails, and what to tell the person about each. */
import type { components } from "./types";

type Problem = Partial<components["schemas"]["Problem"]>;

/** The service answered no: this request changed nothing. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string | null;
  readonly errors: readonly { pointer: string; detail: string }[];
  readonly currentVersion: number | null;
  /** When to ask again, in milliseconds since the epoch. */
  readonly retryAt: number | null;

  constructor(response: Response, problem: Problem) {
    super(problem.title ?? `The service answered ${String(response.status)}`);
    this.status = response.status;
    this.code = problem.type?.split("/").at(-1) ?? "";
    this.detail = problem.detail ?? "";
    this.requestId = problem.request_id ?? response.headers.get("X-Request-Id");
    this.errors = problem.errors ?? [];
    this.currentVersion = problem.current_version ?? null;
    this.retryAt = retryAt(response);
  }

  /** What is wrong with one field of the body, by its name. */
  field(name: string): string | undefined {
    const found = this.errors.find(({ pointer }) => pointer === `/${name}` || pointer.startsWith(`/${name}/`));
    return found && aboutIt(found.detail);
  }
}

/** No answer came: the device is offline, or the service is away. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The write was sent, and even asking did not tell whether it took effect. Repeating it is safe. */
export class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";
  readonly requestId: string | null;

  constructor(requestId: string | null) {
    super("It is not known yet whether this took effect");
    this.requestId = requestId;
  }
}

export function retryAt(response: Response, now: number = Date.now()): number | null {
  const text = response.headers.get("Retry-After");
  if (text === null) return null;
  const at = /^\d+$/.test(text) ? now + Number(text) * 1000 : Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

export interface Explanation {
  what: string;
  todo: string;
  requestId: string | null;
}

/** What happened, what is safe, what to do. */
export function explain(error: unknown): Explanation {
  if (error instanceof OutcomeUnknown)
    return { what: "We could not find out yet whether this was saved.", todo: "Trying again is safe: it will not happen twice.", requestId: error.requestId };
  if (error instanceof Unreachable)
    return { what: navigator.onLine ? "Inkstream can not be reached right now." : "You are offline.", todo: "Nothing is lost. Try again in a moment.", requestId: null };
  if (error instanceof Refused) return { ...explainRefusal(error), requestId: error.requestId };
  return { what: "Something in this page went wrong.", todo: "What you saved is safe. Reload the page and try again.", requestId: null };
}

function explainRefusal(error: Refused): Omit<Explanation, "requestId"> {
  const what = sentence(error.detail || error.message);
  switch (error.status) {
    case 401:
      return { what: "You are signed out.", todo: "Sign in to go on." };
    case 403:
      return { what, todo: "Sign in with another account if this should be yours." };
    case 422:
      return { what: error.errors.length > 0 ? "This can not be taken as it is." : what, todo: "Nothing was changed." };
    case 429:
      return { what: "That was too often in a short time.", todo: "Nothing was changed." };
    case 503:
      return { what: "This part of Inkstream is catching its breath.", todo: "Nothing is lost. Try again in a moment." };
    default:
      return error.status >= 500
        ? { what: "Inkstream made a mistake here.", todo: "What you saved is safe. Try again, and if it stays, tell us the number under Details." }
        : { what, todo: "Nothing was changed." };
  }
}

/** The services say what a value is or must be, without naming it: "must not be blank". */
function aboutIt(detail: string): string {
  return sentence(/^\p{Ll}/u.test(detail) ? `This ${detail}` : detail);
}

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
