/** There is nothing at this address. */
import { Heading } from "@/components/heading";

export function NotFound() {
  return (
    <section className="empty">
      <Heading title="There is no page here">There is no page here</Heading>
      <p>The address may be mistyped, or what stood here was taken away.</p>
      <a className="btn outline" href="/">
        Latest posts
      </a>
    </section>
  );
}
