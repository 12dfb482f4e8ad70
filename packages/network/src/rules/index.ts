import type { GradientRule } from "@assay/core/plugin";
import { deconvnet } from "./deconvnet.js";
import { guided } from "./guided.js";
import type { Rule } from "./rule.js";
import { standard } from "./standard.js";

export const rules: Readonly<Record<GradientRule, Rule>> = { standard, guided, deconvnet };
