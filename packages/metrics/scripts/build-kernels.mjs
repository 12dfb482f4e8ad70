// Compiles assembly/ into src/kernels/bytes.ts: node packages/metrics/scripts/build-kernels.mjs
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { main } from "assemblyscript/asc";

const folder = fileURLToPath(new URL("..", import.meta.url));
const options = ["-O3", "--converge", "--noAssert", "--runtime", "stub", "--enable", "simd", "--use", "abort=", "--initialMemory", "1"];

/** The text of src/kernels/bytes.ts. */
export async function compileKernels() {
  let bytes;
  const files = { writeFile: (_name, contents) => void (bytes = contents) };
  const { error, stderr } = await main(["assembly/index.ts", "--baseDir", folder, "--outFile", "kernels.wasm", ...options], files);
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return `/** assembly/ in WebAssembly, base64. Made by scripts/build-kernels.mjs. */\nexport const bytes =\n  "${Buffer.from(bytes).toString("base64")}";\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(new URL("../src/kernels/bytes.ts", import.meta.url), await compileKernels());
}
