import { build, type BuildFailure, type Plugin } from "esbuild";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { AssayError, type Place } from "../errors/error.js";
import { replaceFile, sha256 } from "../store/atomic-file.js";
import { resolvePackage } from "./resolve-package.js";

export interface Bundled {
  /** URL that this process and its worker threads import */
  readonly module: string;
  readonly codeDigest: string;
}

// Packages in the older module format ask for `require` even inside a bundle.
const banner = { js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);` };

/**
 * One file out of a plugin and all that it imports: TypeScript is compiled, a worker thread can import the same file, and
 * the digest covers every line behind the plugin. Our own packages and TensorFlow.js stay outside, as the copies that run.
 */
export async function bundlePlugin(file: string, cacheFolder: string, bases: readonly string[]): Promise<Bundled> {
  const outside = new Map<string, string>();
  const text = await bundle(file, outside, bases);
  // The digest must not depend on where the packages are installed.
  const portable = [...outside].reduce((code, [name, url]) => code.replaceAll(JSON.stringify(url), JSON.stringify(name)), text);
  const codeDigest = sha256(portable);
  const name = `${sha256(text)}.mjs`;
  await mkdir(cacheFolder, { recursive: true });
  if (!existsSync(join(cacheFolder, name))) await replaceFile(cacheFolder, name, text);
  return { module: pathToFileURL(join(cacheFolder, name)).href, codeDigest };
}

async function bundle(file: string, outside: Map<string, string>, bases: readonly string[]): Promise<string> {
  const ours: Plugin = {
    name: "assay-packages",
    setup(setup) {
      setup.onResolve({ filter: /^@(assay|tensorflow)\// }, ({ path }) => {
        const resolved = resolvePackage(path, [...bases, file]);
        if (resolved === undefined) return { errors: [{ text: `Could not resolve "${path}"` }] };
        const url = pathToFileURL(resolved).href;
        outside.set(path, url);
        return { path: url, external: true };
      });
    },
  };
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      absWorkingDir: dirname(file),
      bundle: true,
      write: false,
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "silent",
      banner,
      plugins: [ours],
    });
    return outputFiles[0]!.text;
  } catch (error) {
    throw await asSyntaxError(error as BuildFailure, file);
  }
}

async function asSyntaxError(failure: BuildFailure, file: string): Promise<AssayError> {
  const first = failure.errors[0];
  const location = first?.location;
  const path = location ? join(dirname(file), location.file) : file;
  const source = location?.lineText ?? (await readFile(file, "utf8").catch(() => "")).split("\n")[0] ?? "";
  const place: Place = {
    file: path,
    line: location?.line ?? 1,
    column: (location?.column ?? 0) + 1,
    source,
    length: location?.length ?? 1,
  };
  const what = `the plugin cannot be compiled: ${first?.text ?? failure.message}`.replace(/\.$/, "");
  return new AssayError({ code: "PLUGIN-SYNTAX", what, place, next: "Mend the file that is named here." }, { cause: failure });
}
