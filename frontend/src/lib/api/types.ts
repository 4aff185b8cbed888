/**
 * What the four services take and answer.
 *
 * It has the shape that openapi-typescript gives (`components`, `paths`), so that generated files can take its place
 * without a change anywhere else.
 */

type Role = "writer" | "moderator" | "admin";
type Stage = "draft" | "scheduled" | "published" | "unpublished" | "deleted";

interface Person {
  id: string;
  handle: string;
  name: string;
}

interface User extends Person {
  role: Role;
}

interface Me extends User {
  email: string;
}

interface Profile extends Person {
  bio?: string;
  created_at?: string;
}

interface Session {
  user: User;
  access_token: string;
  token_type: "Bearer";
  expires_in: number;
}

interface Registration {
  handle: string;
  email: string;
  password: string;
  name?: string;
}

interface Credentials {
  /** A handle or an e-mail address. */
  login: string;
  password: string;
}

interface PostText {
  title: string;
  body: string;
  tags?: string[];
  excerpt?: string;
}

interface PostRevision extends Partial<PostText> {
  note?: string;
  minor?: boolean;
}

interface Post {
  id: string;
  author: Person;
  title: string;
  body: string;
  slug: string | null;
  tags: string[];
  excerpt: string | null;
  stage: Stage;
  version: number;
  created_at: string;
  published_at: string | null;
  revised_at: string | null;
  url: string | null;
}

interface Heading {
  id: string;
  text: string;
  level: number;
}

/** A post as lists show it. `summary` is the excerpt or, where there is none, how the text begins. */
interface Entry extends Omit<Post, "body"> {
  summary?: string;
  reading_minutes: number;
  words: number;
  counts: { comments: number; likes: number };
  edited: { at: string; changes: number } | null;
}

interface Article extends Entry {
  body: string;
  html: string;
  toc: Heading[];
  /** The first of them. */
  comments: Page<ThreadComment>;
}

interface Comment {
  id: string;
  post_id: string;
  post_version: number;
  parent_id: string | null;
  author: Person;
  body: string;
  html: string;
  state: "visible" | "hidden" | "deleted";
  version: number;
  created_at: string;
  revised_at: string | null;
  counts: { likes: number; replies: number };
}

/** Lists are flat and in thread order. */
interface ThreadComment extends Comment {
  depth: number;
  path: string;
}

interface NewComment {
  post_id: string;
  parent_id?: string;
  body: string;
}

interface Preview {
  html: string;
  toc: Heading[];
  words: number;
  reading_minutes: number;
  excerpt: string;
}

interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  request_id: string;
  errors?: { pointer: string; detail: string }[];
  current_version?: number;
}

interface Page<T> {
  items: T[];
  next: string | null;
}

export interface components {
  schemas: {
    Article: Article;
    Comment: Comment;
    Credentials: Credentials;
    Entry: Entry;
    EntryPage: Page<Entry>;
    Heading: Heading;
    Me: Me;
    NewComment: NewComment;
    Person: Person;
    Post: Post;
    PostPage: Page<Post>;
    PostRevision: PostRevision;
    PostText: PostText;
    Preview: Preview;
    Problem: Problem;
    Profile: Profile;
    Registration: Registration;
    Session: Session;
    Stage: Stage;
    ThreadComment: ThreadComment;
    ThreadPage: Page<ThreadComment>;
    User: User;
  };
}

type Schemas = components["schemas"];

interface Content<T> {
  content: { "application/json": T };
}

type Operation<Reply, Input = unknown> = {
  parameters: {
    header?: never;
    cookie?: never;
  } & (Input extends { path: infer P } ? { path: P } : { path?: never }) &
    (Input extends { query: infer Q } ? { query?: Q } : { query?: never });
  responses: { 200: Content<Reply>; default: { content: { "application/problem+json": Problem } } };
} & (Input extends { body: infer B } ? { requestBody: Content<B> } : { requestBody?: never });

interface Paging {
  limit?: number;
  cursor?: string;
}

export interface paths {
  "/api/auth/register": { post: Operation<Schemas["Session"], { body: Schemas["Registration"] }> };
  "/api/auth/login": { post: Operation<Schemas["Session"], { body: Schemas["Credentials"] }> };
  "/api/auth/logout": { post: Operation<undefined> };
  "/api/posts": { post: Operation<Schemas["Post"], { body: Schemas["PostText"] }> };
  "/api/posts/mine": { get: Operation<Schemas["PostPage"], { query: Paging & { stage?: Schemas["Stage"] } }> };
  "/api/posts/preview": { post: Operation<Schemas["Preview"], { body: { body: string } }> };
  "/api/posts/{id}": {
    get: Operation<Schemas["Post"], { path: { id: string } }>;
    patch: Operation<Schemas["Post"], { path: { id: string }; body: Schemas["PostRevision"] }>;
  };
  "/api/posts/{id}/publish": { post: Operation<Schemas["Post"], { path: { id: string }; body: { slug?: string; note?: string } }> };
  "/api/comments": { post: Operation<Schemas["Comment"], { body: Schemas["NewComment"] }> };
  "/api/query/posts": { get: Operation<Schemas["EntryPage"], { query: Paging & { author?: string; tag?: string } }> };
  "/api/query/posts/{author}/{slug}": { get: Operation<Schemas["Article"], { path: { author: string; slug: string } }> };
  "/api/query/posts/{id}/comments": { get: Operation<Schemas["ThreadPage"], { path: { id: string }; query: Paging }> };
  "/api/query/users/{handle}": { get: Operation<Schemas["Profile"], { path: { handle: string } }> };
}
