#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { main } from "../dist/index.js";

// Arrays of maps come and go by the gigabyte beside a heap of 30 MB, which V8 would collect some four times a second (bench/README.md).
setFlagsFromString("--heap-growing-percent=300");

// A reader that has seen enough (`assay schema | head`) is no error.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await main(process.argv.slice(2));
