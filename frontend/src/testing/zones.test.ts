/** Imports go one way: app, features, components, lib. */
import { ESLint } from "eslint";
import { expect, test } from "vitest";

const eslint = new ESLint({ overrideConfig: { rules: {} } });

async function forbidden(filePath: string, imported: string): Promise<boolean> {
  const [result] = await eslint.lintText(`import "${imported}";\n`, { filePath });
  return result?.messages.some(({ ruleId }) => ruleId === "no-restricted-imports") ?? false;
}

test.each([
  ["src/lib/count.ts", "@/components/button"],
  ["src/components/button.tsx", "@/features/feed/api/queries"],
  ["src/features/feed/components/card.tsx", "@/features/comments/api/comments"],
  ["src/features/feed/components/card.tsx", "../../comments/api/comments"],
  ["src/features/feed/components/card.tsx", "@/app/router"],
  ["src/app/router.tsx", "@/testing/backend"],
])("%s may not import %s", async (file, imported) => {
  expect(await forbidden(file, imported)).toBe(true);
}, 30_000);

test.each([
  ["src/components/button.tsx", "@/lib/count"],
  ["src/features/feed/components/card.tsx", "@/components/button"],
  ["src/features/feed/components/card.tsx", "../api/queries"],
  ["src/app/router.tsx", "@/features/feed/api/queries"],
])("%s may import %s", async (file, imported) => {
  expect(await forbidden(file, imported)).toBe(false);
}, 30_000);
