/** The shape of what is coming. It shows after 300 ms (in CSS), but takes its place at once. */
export function Lines({ count = 3 }: { count?: number }) {
  return (
    <div className="late" role="status">
      <span className="hidden">Loading…</span>
      {Array.from({ length: count }, (_, line) => (
        <div className="sk" key={line} />
      ))}
    </div>
  );
}

export function FeedSkeleton({ entries = 4 }: { entries?: number }) {
  return (
    <div className="late" role="status">
      <span className="hidden">Loading…</span>
      {Array.from({ length: entries }, (_, entry) => (
        <div className="card" key={entry}>
          <div className="meta">
            <span className="av sm sk-round" />
            <span className="sk sk-short" />
          </div>
          <div className="sk sk-title" />
          <div className="sk" />
          <div className="sk sk-half" />
        </div>
      ))}
    </div>
  );
}

export function ArticleSkeleton() {
  return (
    <div className="late" role="status">
      <span className="hidden">Loading…</span>
      <div className="sk sk-h1" />
      <div className="sk sk-half" />
      <div className="meta byline">
        <span className="av sk-round" />
        <span className="sk sk-short" />
      </div>
      <div className="sk-text">
        {Array.from({ length: 7 }, (_, line) => (
          <div className="sk" key={line} />
        ))}
      </div>
    </div>
  );
}
