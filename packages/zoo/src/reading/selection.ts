import { createHash } from "node:crypto";
import { AssayError, integer, optional } from "@assay/core/plugin";

/** The parameters by which every data set lets its reader take a part of the source. */
export const selection = {
  offset: integer({ minimum: 0, default: 0, description: "how many images of the source are passed over" }),
  limit: optional(integer({ minimum: 1, description: "how many images are taken from there on; all that follow if left out" })),
};

/** Where a selection begins in a source of `total` images and how many it takes; asking for more than there are is an error. */
export function select(
  total: number,
  { offset, limit }: { offset: number; limit?: number },
  where: string,
): { from: number; count: number } {
  const count = limit ?? total - offset;
  if (count >= 1 && offset + count <= total) return { from: offset, count };
  throw new AssayError({
    code: "DATASET-RANGE",
    where,
    what: "the selection reaches beyond the source",
    expected: `offset + limit of at most ${String(total)} and at least one image`,
    got: `offset ${String(offset)}${limit === undefined ? "" : ` and limit ${String(limit)}`}`,
    next: "Lower `limit` or `offset`.",
  });
}

/** Refuses a read outside the opened images. */
export function checkRead(from: number, count: number, total: number, where: string): void {
  if (Number.isInteger(from) && Number.isInteger(count) && from >= 0 && count >= 0 && from + count <= total) return;
  throw new AssayError({
    code: "DATASET-READ",
    where,
    what: "a read lies outside the data set",
    expected: `images 0 to ${String(total - 1)}`,
    got: `${String(count)} images from ${String(from)}`,
    exit: 1,
  });
}

/** Digest of what decides the images of a data set: file digests, preprocessing, selection. */
export const digestOf = (facts: unknown): string => createHash("sha256").update(JSON.stringify(facts)).digest("hex");
