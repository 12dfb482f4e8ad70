/** Bilinear resizing of one channel by the book, cell by cell: half-pixel centres clamped at the border, or TensorFlow 1's corner grid. */
export function bilinear(map: readonly (readonly number[])[], height: number, width: number, kind: "half-pixel" | "legacy"): number[][] {
  const source = (i: number, from: number, to: number) => Math.max(0, kind === "legacy" ? (i * from) / to : ((i + 0.5) * from) / to - 0.5);
  const between = (at: number, size: number) => {
    const low = Math.min(size - 1, Math.floor(at));
    return { low, high: Math.min(size - 1, low + 1), share: at - low };
  };
  const [rows, columns] = [map.length, map[0]!.length];
  return Array.from({ length: height }, (_, i) =>
    Array.from({ length: width }, (_, j) => {
      const r = between(source(i, rows, height), rows);
      const c = between(source(j, columns, width), columns);
      const along = (row: number) => map[row]![c.low]! * (1 - c.share) + map[row]![c.high]! * c.share;
      return along(r.low) * (1 - r.share) + along(r.high) * r.share;
    }),
  );
}
