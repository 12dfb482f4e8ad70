/** Who may import whom. A type is an import too: a type of a core internal ties a plugin to it as much as a value does. */
const PLUGINS = "explainers|randomizers|metrics|report|zoo";
const within = (packages) => `^packages/(?:${packages})/src/`;
// What `@assay/core/plugin` is made of: the contract, the error class, and the .npy form that zoo's files have too.
const CONTRACT = "^packages/core/src/(?:plugin/|errors/|store/npy)";

const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    rule("no-cycles", "a cycle of values has no reading order", {}, { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } }),
    rule("no-unresolved", "an import that resolves to nothing escapes all other rules", {}, { couldNotResolve: true }),
    rule(
      "plugin-packages-are-strangers",
      "plugin packages meet in the registry, never in an import",
      { path: `^packages/(${PLUGINS}|network)/src/` },
      { path: `^packages/(?:${PLUGINS})/`, pathNot: "^packages/$1/" },
    ),
    rule(
      "plugins-see-the-contract-only",
      "authors, and network, import @assay/core/plugin and nothing else of core",
      { path: within(`${PLUGINS}|network`) },
      { path: "^packages/core/", pathNot: CONTRACT },
    ),
    rule(
      "only-zoo-builds-networks",
      "the others get gradients and activations in their context",
      { path: within("explainers|randomizers|metrics|report") },
      { path: "^packages/network/" },
    ),
    rule(
      "plugins-without-node",
      "formulas touch no machine; zoo and network read files",
      { path: within("explainers|randomizers|metrics|report") },
      { dependencyTypes: ["core"] },
    ),
    rule(
      "client-stands-alone",
      "mlflow-js-client can be published by itself",
      { path: within("mlflow-js-client") },
      { path: "^packages/(?!mlflow-js-client/)" },
    ),
    rule("core-knows-no-plugin", "core is the bottom", { path: within("core") }, { path: `^packages/(?:${PLUGINS}|network|cli)/` }),
    rule("nobody-sees-the-cli", "the command line is the top", { pathNot: "^packages/cli/" }, { path: "^packages/cli/" }),
    rule(
      "contract-stands-alone",
      "what an author imports drags no internals along",
      { path: "^packages/core/src/plugin/" },
      { path: "^packages/core/src/", pathNot: CONTRACT },
    ),
    rule(
      "experiment-is-pure",
      "experiment → engine → tracking: a text becomes a plan without effects",
      { path: "^packages/core/src/experiment/" },
      { path: "^packages/core/src/(?:engine|tracking|container)/" },
    ),
    rule(
      "engine-before-tracking",
      "the engine tells events; tracking listens",
      { path: "^packages/core/src/engine/" },
      { path: "^packages/core/src/tracking/" },
    ),
    rule(
      "container-keeps-tsyringe",
      "the injection library is named in one folder",
      { pathNot: "^packages/core/src/container/" },
      { path: "node_modules/(?:tsyringe|reflect-metadata)/" },
    ),
    rule(
      "no-kit-in-products",
      "the conformance kit is for tests",
      { path: "^packages/[^/]+/src/", pathNot: "^packages/core/src/testing/" },
      { path: "^packages/core/src/testing/" },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules|/dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      conditionNames: ["@assay/source", "import", "node", "default", "types"],
      exportsFields: ["exports"],
      mainFields: ["module", "main", "types"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json", ".node", ".d.ts"],
    },
  },
};
