/** Neighbours in a row of one image: the cell on the left. */
interface Pairs {
  /** both have one and the same value in the 5×5 cells around them, all inside the image */
  readonly flat: readonly number[];
  /** the windows over both lie inside the image, and the values around them differ */
  readonly uneven: readonly number[];
}

const REACH = 2;

/**
 * Sorts the pairs of neighbours of one image `[height, width]`. The gradient of a 3×3 convolution at a cell is decided by the nine windows over
 * it, so by the 5×5 cells around it: pairs that stand nearer to the border than that are left out.
 */
export function neighbourPairs(x: ArrayLike<number>, height: number, width: number): Pairs {
  const around = (row: number, column: number): number | undefined => {
    const value = x[row * width + column]!;
    for (let r = row - REACH; r <= row + REACH; r++)
      for (let c = column - REACH; c <= column + REACH; c++) if (x[r * width + c] !== value) return undefined;
    return value;
  };
  const [flat, uneven]: [number[], number[]] = [[], []];
  for (let row = REACH; row < height - REACH; row++) {
    for (let column = REACH; column < width - REACH - 1; column++) {
      const value = around(row, column);
      const level = value !== undefined && value === around(row, column + 1);
      (level ? flat : uneven).push(row * width + column);
    }
  }
  return { flat, uneven };
}
