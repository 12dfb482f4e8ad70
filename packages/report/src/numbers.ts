/** A number as reports print it: two decimals, a true minus sign, and a dash where there is none. */
export function figure(value: number | null, digits = 2): string {
  if (value === null) return "–";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
}

export const range = (low: number | null, high: number | null): string =>
  low === null || high === null ? "no interval" : `${figure(low)} to ${figure(high)}`;

export const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

/** A p-value with its sign of equality: `p = .03` as 0.030, and `p < 0.001` below that. */
export const pValue = (p: number): string => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`);
