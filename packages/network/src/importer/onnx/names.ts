import type { Step } from "./step.js";

/** What PyTorch, Keras and others call a weight, behind the name of its layer. */
const WEIGHT = /^(.+)[./](weight|bias|running_mean|running_var|kernel|depthwise_kernel|gamma|beta|moving_mean|moving_variance)$/;

/**
 * The layer that a weight belongs to: `_blocks.3._depthwise_conv.weight` → `_blocks.3._depthwise_conv`.
 * Exporters name weights that they made themselves after an operator (`onnx::Conv_193`): no layer's name.
 */
export const layerOfWeight = (weight: string | undefined): string | undefined =>
  weight === undefined ? undefined : WEIGHT.exec(weight)?.[1];

/**
 * The module that a node stands for: PyTorch writes `/layer1/layer1.0/conv1/Conv`, which is `layer1.0.conv1`; tf2onnx
 * `net/conv1/Conv2D`, which is `net/conv1`. A name without a path is kept.
 */
export function layerOfNode(name: string): string {
  const parts = name.split("/").slice(0, -1);
  const [first, ...rest] = parts;
  if (first === undefined || (first === "" && rest.length === 0)) return name.replace(/^\//, "");
  if (first !== "") return parts.join("/");
  const modules: string[] = [];
  for (const part of rest) {
    if (part.startsWith(`${modules.at(-1) ?? ""}.`)) modules.pop();
    modules.push(part);
  }
  return modules.join(".");
}

/** A name of its own for each layer. */
export class Names {
  readonly #taken = new Set<string>();
  /** the layer with weights, or the input, that a layer without weights comes after */
  readonly #owners = new Map<string, string>();

  constructor(input: string) {
    this.#taken.add(input);
  }

  /** A layer with weights: named by them, else by its node. */
  weighted({ node }: Step, weights: readonly (string | undefined)[]): string {
    const fallback = node.name === "" ? (node.outputs[0] ?? node.op) : layerOfNode(node.name);
    const candidates = [...weights.map(layerOfWeight), fallback];
    const free = candidates.find((name): name is string => name !== undefined && !this.#taken.has(name));
    return this.#claim(free ?? fallback);
  }

  /** A layer without: named by its node's path, where it has one, else by the layer with weights before it (`_conv_head/clip`). */
  plain({ node }: Step, input: string): string {
    if (!node.name.includes("/")) return this.after(input, node.op);
    const [path, whole] = [layerOfNode(node.name), node.name.replace(/^\//, "")];
    return this.#claim(this.#taken.has(path) ? whole : path);
  }

  after(input: string, kind: string): string {
    const owner = this.#owners.get(input) ?? input;
    const name = this.#claim(`${owner}/${kind.toLowerCase()}`);
    this.#owners.set(name, owner);
    return name;
  }

  /** The name, with a number where it is taken. */
  #claim(name: string): string {
    let own = name;
    for (let i = 2; this.#taken.has(own); i++) own = `${name} (${i})`;
    this.#taken.add(own);
    return own;
  }
}
