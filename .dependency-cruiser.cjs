/** Who may import whom. Tests and fixtures may reach further than sources. */
const SOURCES = "^packages/[^/]+/src/";
const plugin = (name) => `^packages/${name}/src/`;
const isolated = ["explainers", "randomizers", "metrics", "report"];

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: { path: SOURCES }, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    { name: "no-unresolved", severity: "error", from: { path: SOURCES }, to: { couldNotResolve: true } },
    ...isolated.map((name) => ({
      name: `${name}-see-only-the-contract`,
      comment: "a plugin package imports @assay/core/plugin, never other plugins, core's internals or the network",
      severity: "error",
      from: { path: plugin(name) },
      to: { path: "^packages/", pathNot: [plugin(name), "^packages/core/src/(plugin|errors)/"] },
    })),
    {
      name: "plugins-without-node",
      severity: "error",
      from: { path: `^packages/(explainers|randomizers|metrics|report)/src/` },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "zoo-sees-network-and-contract",
      severity: "error",
      from: { path: plugin("zoo") },
      to: { path: "^packages/", pathNot: [plugin("zoo"), plugin("network"), "^packages/core/src/(plugin|errors|store/npy)"] },
    },
    {
      name: "network-sees-the-contract",
      severity: "error",
      from: { path: plugin("network") },
      to: { path: "^packages/", pathNot: [plugin("network"), "^packages/core/src/(plugin|errors)/"] },
    },
    { name: "core-sees-no-other-package", severity: "error", from: { path: plugin("core") }, to: { path: "^packages/", pathNot: plugin("core") } },
    {
      name: "plugin-contract-stands-alone",
      severity: "error",
      from: { path: "^packages/core/src/plugin/" },
      to: { path: "^packages/core/src/", pathNot: "^packages/core/src/(plugin|errors|store/npy)" },
    },
    {
      name: "experiment-is-pure",
      comment: "text to checked plan: no engine, no store, no tracking",
      severity: "error",
      from: { path: "^packages/core/src/experiment/" },
      to: { path: "^packages/core/src/(engine|tracking|container)/" },
    },
    { name: "engine-before-tracking", severity: "error", from: { path: "^packages/core/src/engine/" }, to: { path: "^packages/core/src/tracking/" } },
    {
      name: "container-keeps-tsyringe",
      severity: "error",
      from: { path: SOURCES, pathNot: "^packages/core/src/container/" },
      to: { path: "node_modules/tsyringe" },
    },
  ],
  options: {
    includeOnly: { path: ["^packages/[^/]+/src/", "node_modules/tsyringe", "^[a-z_]+$", "^node:"] },
    exclude: { path: "/dist/" },
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: { conditionNames: ["@assay/source", "import", "node", "default"], exportsFields: ["exports"], extensions: [".ts", ".js", ".json"] },
  },
};
