import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import importPlugin from "eslint-plugin-import";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import globals from "globals";
import { readdirSync } from "node:fs";
import tseslint from "typescript-eslint";

// The direction of the house: app -> pages -> features -> {api, shared}; no feature or page imports another;
// shared knows the API's types only; api knows nobody. Tests and their mock server may import anything.
const root = "./src";
const siblings = (layer) =>
  readdirSync(`${import.meta.dirname ?? new URL(".", import.meta.url).pathname}/src/${layer}`).map((name) => ({
    target: `${root}/${layer}/${name}`,
    from: `${root}/${layer}`,
    except: [`./${name}`],
    message: `${layer} do not import each other; compose them one layer up`,
  }));
const upward = (layer, above) =>
  above.map((from) => ({
    target: `${root}/${layer}`,
    from: `${root}/${from}`,
    message: "app -> pages -> features -> {api, shared}, never upward",
  }));
const zones = [
  ...upward("pages", ["app"]),
  ...upward("features", ["app", "pages"]),
  ...upward("shared", ["app", "pages", "features"]),
  ...upward("api", ["app", "pages", "features", "shared"]),
  {
    target: `${root}/shared`,
    from: `${root}/api`,
    except: ["./types.ts"],
    message: "shared may know the API's types, not its calls",
  },
  ...["app", "pages", "features", "shared", "api"].map((layer) => ({
    target: `${root}/${layer}`,
    from: `${root}/testing`,
    message: "the mock server is for tests",
  })),
  ...siblings("features"),
  ...siblings("pages"),
];

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "coverage/"] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  a11y.flatConfigs.recommended,
  hooks.configs["recommended-latest"],
  {
    languageOptions: { globals: { ...globals.browser } },
    plugins: { import: importPlugin },
    settings: {
      "import/resolver": { node: { extensions: [".ts", ".tsx", ".js"] } },
      "import/parsers": { "@typescript-eslint/parser": [".ts", ".tsx"] },
    },
    rules: {
      "import/no-cycle": "error",
      "no-control-regex": "off",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["**/*.test.{ts,tsx}"],
    rules: { "import/no-restricted-paths": ["error", { zones }] },
  },
  prettier,
);
