import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MlflowError } from "./error.js";
import type { Transport } from "./transport.js";
import type { RunInfo } from "./types.js";

export interface ArtifactFile {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

/** What the server's route for small files takes. */
const SMALL_FILE = 10 * 1024 * 1024;

/** The files of a run. Paths are relative to it, of `/`-separated segments without `#` and `..`. */
export class Artifacts {
  constructor(private readonly transport: Transport) {}

  /** Through the server's proxy, into its folder where that is on this machine, or through the route for small files. */
  async put({ artifact_uri, run_id }: RunInfo, path: string, bytes: Uint8Array): Promise<void> {
    const proxied = proxyPath(artifact_uri);
    if (proxied !== undefined) {
      await this.transport.bytes({ method: "PUT", path: `api/2.0/mlflow-artifacts/artifacts/${encoded(`${proxied}/${path}`)}`, bytes });
      return;
    }
    const folder = localFolder(artifact_uri);
    if (folder !== undefined) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
      return;
    }
    if (bytes.length > SMALL_FILE) {
      throw new MlflowError({
        where: `artifact ${path}`,
        what: `the server's store (${artifact_uri.replace(/:.*/s, ":…")}) takes no files over 10 MB from here`,
        next: "Start the server with --serve-artifacts, so that it passes files on.",
      });
    }
    await this.transport.bytes({ method: "POST", path: "ajax-api/2.0/mlflow/upload-artifact", query: { run_uuid: run_id, path }, bytes });
  }

  get({ run_id }: RunInfo, path: string): Promise<Uint8Array> {
    return this.transport.bytes({ method: "GET", path: "get-artifact", query: { run_uuid: run_id, path } });
  }

  /** The files and folders of one folder; `""` is the run's own. */
  list(run_id: string, folder: string): Promise<ArtifactFile[]> {
    return this.transport.pages("files", (page_token) =>
      this.transport.get<{ files?: ArtifactFile[]; next_page_token?: string }>("artifacts/list", {
        run_id,
        path: folder || undefined,
        page_token,
      }),
    );
  }
}

/**
 * Where MLflow's web page looks for an image of the step slider: the image, and a smaller copy which it shows first (the same PNG will do).
 * `key` without `/` and `#`; `id` any UUID. The run needs the tag `mlflow.loggedImages` = `True`, and no other file below `images/`.
 */
export function imagePaths(key: string, step: number, timestampMs: number, id: string): readonly [image: string, shownFirst: string] {
  const stem = `images/${key}+step+${step}+timestamp+${timestampMs}+${id}`;
  return [`${stem}.png`, `${stem}+compressed.webp`];
}

const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

/** `mlflow-artifacts:/1/abc/artifacts` → `1/abc/artifacts`; other stores have no proxy path. */
const proxyPath = (artifactUri: string): string | undefined => /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.*)$/.exec(artifactUri)?.[1];

/** The folder of a `file:` store, if it is on this machine: its parent, the experiment's folder, is there then. */
function localFolder(artifactUri: string): string | undefined {
  if (!artifactUri.startsWith("file:") && !artifactUri.startsWith("/")) return undefined;
  const folder = artifactUri.startsWith("/") ? artifactUri : fileURLToPath(artifactUri);
  return existsSync(dirname(dirname(folder))) ? folder : undefined;
}
