import type { TSchema } from "@sinclair/typebox";
import { findPlugin } from "../find-plugin.js";
import type { Command } from "commander";
import type { AddCommand, GlobalOptions } from "../program.js";
import { openSession } from "../session.js";
import { table } from "../table.js";

function typeOf(schema: TSchema): string {
  if (Array.isArray(schema["enum"])) return schema["enum"].join(" | ");
  if (Array.isArray(schema["anyOf"])) return (schema["anyOf"] as TSchema[]).map(typeOf).join(" or ");
  const format = typeof schema["format"] === "string" ? schema["format"].replace("assay-", "") : undefined;
  return format ?? String(schema["type"] ?? "any");
}

const boundsOf = (schema: TSchema): string =>
  [
    ["≥", "minimum"],
    [">", "exclusiveMinimum"],
    ["≤", "maximum"],
    ["<", "exclusiveMaximum"],
  ]
    .flatMap(([sign, key]) => (schema[key!] === undefined ? [] : [`${sign} ${String(schema[key!])}`]))
    .join(", ");

export const addDescribe: AddCommand = (program, { io }) => {
  program
    .command("describe")
    .description("say what a plugin does, where it is from and which parameters it takes")
    .argument("<plugin>", "kind/name, or the name alone where only one kind has it")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  assay describe explainer/integrated-gradients\n  assay describe ssim --json")
    .action(async (name: string, options: { json?: boolean }, command: Command) => {
      const { registry } = await openSession(io, command.optsWithGlobals<GlobalOptions>());
      const { id, definition, origin, codeDigest } = findPlugin(registry, name);
      const { version, summary, paper, params, presets = {} } = definition;
      if (options.json) {
        io.out(JSON.stringify({ id, version, summary, paper, params, presets, origin, codeDigest }, undefined, 2));
        return;
      }
      io.out(`${id} (version ${version}, from ${origin})\n${summary}`);
      if (paper) io.out(`Source: ${paper}`);
      const rows = Object.entries(params.properties).map(([key, schema]) => {
        const fallback = schema.default === undefined ? "" : JSON.stringify(schema.default);
        return [key, typeOf(schema), boundsOf(schema), fallback, schema.description ?? ""];
      });
      io.out(rows.length > 0 ? `\n${table(["parameter", "type", "bounds", "default", "meaning"], rows)}` : "No parameters.");
      for (const [preset, values] of Object.entries(presets)) io.out(`\nPreset ${preset}: ${JSON.stringify(values)}`);
    });
};
