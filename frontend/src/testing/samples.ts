/** People, posts and comments for tests and for looking at the pages. */
import type { components } from "../lib/api/types.ts";

type Schemas = components["schemas"];

export const MIRA = { id: "0190a000-0000-7000-8000-000000000001", handle: "mira", name: "Mira Okafor" };
export const JONAS = { id: "0190a000-0000-7000-8000-000000000002", handle: "jonas", name: "Jonas" };
export const ADA = { id: "0190a000-0000-7000-8000-000000000003", handle: "ada", name: "Ada" };

/** As the server renders it. */
export const HTML = `<p>Every edit you make while writing is a small decision. Most systems throw those decisions away and keep only the last one. An event-sourced blog keeps them all, and that changes what you can <em>offer the writer</em>: true undo, honest history, and a calm promise that nothing typed is ever lost.</p>
<h2 id="h-what-the-reader-gets">What the reader gets</h2>
<p>Readers see “edited” with a link, and the link shows the difference. Corrections become visible instead of silent, and <a href="https://example.org/trust" rel="noopener">trust follows</a>.</p>
<blockquote>
<p>A correction you can see is worth ten you cannot.</p>
</blockquote>
<pre tabindex="0"><code class="language-python"><span class="c"># one fact, forever</span>
<span class="k">async</span> <span class="k">def</span> <span class="f">publish</span>(post, expected_version):
    <span class="k">await</span> log.append(<span class="s">"PostPublished"</span>, post, expected_version)
</code></pre>
<h2 id="h-what-the-writer-gets">What the writer gets</h2>
<ul>
<li>Rebuild search whenever the analyser improves.</li>
<li>Show the article as it stood when a comment was written.</li>
</ul>
<h3 id="h-a-table-to-compare">A table to compare</h3>
<div class="table" role="region" tabindex="0" aria-label="Table"><table>
<thead>
<tr>
<th>Habit</th>
<th>Keeps</th>
<th class="align-right">Costs</th>
</tr>
</thead>
<tbody>
<tr>
<td>Overwrite</td>
<td>the last word</td>
<td class="align-right">1</td>
</tr>
<tr>
<td>Append</td>
<td>every word<sup class="footnote-ref"><a href="#fn-1" id="fnref-1" aria-label="Footnote 1">1</a></sup></td>
<td class="align-right">3</td>
</tr>
</tbody>
</table>
</div>
<section class="footnotes" aria-label="Footnotes">
<ol>
<li id="fn-1"><p>Until its author asks to be forgotten. <a href="#fnref-1" class="footnote-back" aria-label="Back to the text">↩︎</a></p>
</li>
</ol>
</section>
`;

const TOC: Schemas["Heading"][] = [
  { id: "h-what-the-reader-gets", text: "What the reader gets", level: 2 },
  { id: "h-what-the-writer-gets", text: "What the writer gets", level: 2 },
  { id: "h-a-table-to-compare", text: "A table to compare", level: 3 },
];

export function postOf(part: Partial<Schemas["Article"]> = {}): Schemas["Article"] {
  const author = part.author ?? MIRA;
  const slug = part.slug ?? "the-log-is-the-story";
  return {
    id: "0190b000-0000-7000-8000-000000000001",
    author,
    title: "The log is the story: writing software that remembers",
    body: "Every edit you make while writing is a small decision.",
    slug,
    tags: ["architecture", "kafka"],
    excerpt: "Why an append-only record of what happened turns out to be a better foundation for a blog than a table of what is.",
    summary: part.excerpt ?? "Why an append-only record of what happened turns out to be a better foundation for a blog than a table of what is.",
    stage: "published",
    version: 4,
    created_at: "2025-11-10T08:00:00Z",
    published_at: "2025-11-12T09:30:00Z",
    revised_at: "2025-11-14T10:00:00Z",
    url: `/@${author.handle}/${slug}`,
    html: HTML,
    toc: TOC,
    reading_minutes: 7,
    words: 1543,
    counts: { comments: 4, likes: 128 },
    edited: { at: "2025-11-14T10:00:00Z", changes: 3 },
    comments: { items: THREAD, next: null },
    ...part,
  };
}

function comment(n: number, part: Partial<Schemas["ThreadComment"]>): Schemas["ThreadComment"] {
  const id = `0190c000-0000-7000-8000-00000000000${String(n)}`;
  return {
    id,
    post_id: "0190b000-0000-7000-8000-000000000001",
    post_version: 4,
    parent_id: null,
    author: JONAS,
    body: "",
    html: "",
    state: "visible",
    version: 1,
    created_at: "2025-11-13T12:00:00Z",
    revised_at: null,
    counts: { likes: 0, replies: 0 },
    depth: 0,
    path: id,
    ...part,
  };
}

const first = comment(1, { html: "<p>Do you snapshot long posts, or replay from zero each time?</p>" });
export const THREAD: Schemas["ThreadComment"][] = [
  first,
  comment(2, { author: MIRA, parent_id: first.id, depth: 1, html: "<p>Snapshots every 200 events. In practice very few posts get there.</p>" }),
  comment(3, { author: ADA, parent_id: first.id, depth: 1, state: "deleted" }),
  comment(4, { author: ADA, html: "<p>I read this twice. The part about <em>visible corrections</em> convinced me.</p>" }),
];

export function entryOf(post: Schemas["Article"]): Schemas["Entry"] {
  const { body, html, toc, comments, ...entry } = post;
  return entry;
}

const TITLES = [
  "Small tools, sharp edges",
  "What I learned from running one Kafka node for a year",
  "Notes on a quiet page",
  "A very long title that somebody really wrote because they could not decide which half of the sentence mattered more to the reader",
  "Reading logs in the morning",
  "Twenty lines of referee",
  "On keeping promises in software",
  "Leases, clocks, and other polite fictions",
];

/** What the mock has to show: enough for a second page. */
export function library(): Schemas["Article"][] {
  const more = Array.from({ length: 27 }, (_, n) =>
    postOf({
      id: `0190b000-0000-7000-8000-0000000001${String(n).padStart(2, "0")}`,
      author: [JONAS, MIRA, ADA][n % 3] ?? JONAS,
      title: `${TITLES[n % TITLES.length] ?? ""}${n < TITLES.length ? "" : `, part ${String(1 + Math.floor(n / TITLES.length))}`}`,
      slug: `entry-${String(n)}`,
      tags: n % 3 === 0 ? [] : ["notes", "practice"].slice(0, 1 + (n % 2)),
      excerpt: n % 4 === 3 ? "" : "A paragraph that says in two lines what the text is about, so that a reader can decide whether the next seven minutes belong to it or to something else.",
      published_at: new Date(Date.UTC(2025, 10, 11 - n, 9)).toISOString(),
      edited: null,
      reading_minutes: 2 + (n % 9),
      counts: { comments: n % 4, likes: 0 },
      comments: { items: [], next: null },
    }),
  );
  return [postOf(), ...more];
}
