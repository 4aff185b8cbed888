import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Nothing in `files` may import what matches `forbidden`: the way is app → features → components → lib, never back. */
function zone(files, ...forbidden) {
  return {
    files,
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: forbidden.map((regex) => ({ regex, message: "Imports go one way: app, features, components, lib." })) },
      ],
    },
  };
}

const FEATURES = ["auth", "comments", "feed", "posts"];
/** Another zone is named from the top (`@/lib/…`), so a way out by `../..` is none. */
const UP = String.raw`^\.\./\.\./`;

export default tseslint.config(
  { ignores: ["dist", "node_modules"] },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  reactHooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js"] } } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      // The index signatures of process.env, dataset and CSS modules are read by brackets, so that a typing mistake in a declared name is found.
      "@typescript-eslint/dot-notation": "off",
      // The router is told where to go by throwing.
      "@typescript-eslint/only-throw-error": ["error", { allow: [{ from: "package", package: "@tanstack/router-core", name: ["NotFoundError", "Redirect"] }] }],
    },
  },
  { files: ["eslint.config.js"], extends: [tseslint.configs.disableTypeChecked] },
  zone(["src/lib/**"], "^@/(app|features|components|testing)/", UP),
  zone(["src/components/**"], "^@/(app|features|testing)/", UP),
  ...FEATURES.map((name) => zone([`src/features/${name}/**`], "^@/(app|testing)/", `^@/features/(?!${name}/)`, UP)),
  zone(["src/app/**"], "^@/testing/", UP),
  { files: ["src/**/*.test.{ts,tsx}", "src/testing/**"], rules: { "no-restricted-imports": "off", "@typescript-eslint/no-non-null-assertion": "off" } },
);
