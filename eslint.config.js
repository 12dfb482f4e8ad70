import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["**/dist/", "**/node_modules/", "runs/", ".assay/", "coverage/", ".cache/"] },
  {
    files: ["packages/*/{src,test}/**/*.ts", "examples/**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: ["./packages/*/tsconfig.json", "./tsconfig.test.json"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Numeric code indexes typed arrays whose bounds it knows; noUncheckedIndexedAccess makes it say so with `!`.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      // A context's functions declare `this: void`: they are made to be taken apart.
      "@typescript-eslint/no-invalid-void-type": ["error", { allowAsThisParameter: true, allowInGenericTypeArguments: true }],
      // `void promise` and `() => void work()` say that a value is dropped on purpose.
      "@typescript-eslint/no-meaningless-void-operator": "off",
    },
  },
  {
    // Plain Node: no types to check by.
    files: ["**/*.{js,mjs,cjs}"],
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: { "@typescript-eslint/no-unused-vars": "error", "prefer-const": "error", "no-var": "error", eqeqeq: "error", "no-undef": "off" },
  },
);
