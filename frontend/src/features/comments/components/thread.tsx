/** Comments in the order of their conversations; answers are indented, three levels deep. */
import { type ReactNode, useState } from "react";

import { Avatar } from "@/components/avatar";
import { ServerHtml } from "@/components/server-html";
import { When } from "@/components/when";
import { Who } from "@/components/who";

import type { ThreadComment } from "../api/comments";
import { Composer } from "./composer";

const DEEPEST = 3;

interface Node {
  comment: ThreadComment;
  answers: Node[];
}

/** The flat list as a tree. A comment whose parent is not here (it is on an earlier page) stands at the level it can. */
export function treeOf(comments: readonly ThreadComment[]): Node[] {
  const roots: Node[] = [];
  const line: Node[] = []; // the node at each level, down to the last comment
  const seen = new Set<string>();
  for (const comment of comments) {
    if (seen.has(comment.id)) continue;
    seen.add(comment.id);
    const level = Math.min(comment.depth, DEEPEST, line.length);
    const node: Node = { comment, answers: [] };
    line.length = level;
    (line[level - 1]?.answers ?? roots).push(node);
    line.push(node);
  }
  return roots;
}

export function Thread({ comments, authorId }: { comments: readonly ThreadComment[]; authorId: string }) {
  return <Level nodes={treeOf(comments)} authorId={authorId} />;
}

function Level({ nodes, authorId }: { nodes: readonly Node[]; authorId: string }) {
  if (nodes.length === 0) return null;
  return (
    <ol className="thread">
      {nodes.map(({ comment, answers }) => (
        <Item key={comment.id} comment={comment} authorId={authorId}>
          <Level nodes={answers} authorId={authorId} />
        </Item>
      ))}
    </ol>
  );
}

function Item({ comment, authorId, children }: { comment: ThreadComment; authorId: string; children: ReactNode }) {
  return (
    <li className={comment.pending ? "cm pending" : "cm"} id={`comment-${comment.id}`} tabIndex={-1}>
      {comment.state === "visible" ? (
        <Visible comment={comment} authorId={authorId} />
      ) : (
        <p className="tomb">{comment.state === "deleted" ? "Comment deleted by its author" : "Comment hidden by a moderator"}</p>
      )}
      {children}
    </li>
  );
}

function Visible({ comment, authorId }: { comment: ThreadComment; authorId: string }) {
  const { author } = comment;
  const [replying, setReplying] = useState(false);
  return (
    <>
      <div className="head">
        <Avatar name={author.name} size="sm" />
        <Who {...author} />
        {author.id === authorId && <span className="badge">Author</span>}
        {comment.pending ? (
          <span>Sending…</span>
        ) : (
          <a className="permalink" href={`#comment-${comment.id}`}>
            <When at={comment.created_at} />
          </a>
        )}
      </div>
      <ServerHtml className="body" html={comment.html} />
      <div className="acts needs-script">
        <button
          className="btn sm"
          type="button"
          aria-expanded={replying || undefined}
          disabled={comment.pending}
          onClick={() => {
            setReplying(!replying);
          }}
        >
          Reply
        </button>
      </div>
      {replying && (
        <Composer
          postId={comment.post_id}
          parent={comment}
          onDone={() => {
            setReplying(false);
          }}
        />
      )}
    </>
  );
}
