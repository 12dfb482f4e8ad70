import { describe, expect, it } from "vitest";
import { studentQuantile } from "../src/statistics/student.js";

describe("quantiles of Student's t", () => {
  // Printed tables (Abramowitz & Stegun 26.10), and closed forms for one and two degrees of freedom.
  it.each([
    [0.975, 3, 3.182],
    [0.975, 4, 2.776],
    [0.975, 10, 2.228],
    [0.975, 24, 2.064],
    [0.975, 30, 2.042],
    [0.975, 120, 1.98],
    [0.995, 5, 4.032],
    [0.95, 8, 1.86],
  ])("are those of the tables: p = %d, ν = %d", (p, freedom, expected) => {
    expect(studentQuantile(p, freedom)).toBeCloseTo(expected, 3);
  });

  it("are the closed forms for ν = 1 (Cauchy) and ν = 2", () => {
    for (const p of [0.6, 0.9, 0.975, 0.999]) {
      expect(studentQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 8);
      const q = 2 * p - 1;
      expect(studentQuantile(p, 2)).toBeCloseTo(q * Math.sqrt(2 / (1 - q * q)), 8);
    }
  });

  it("tend to the normal's, falling with ν, also between whole numbers", () => {
    expect(studentQuantile(0.975, 1e7)).toBeCloseTo(1.959964, 5);
    const falling = [1, 1.5, 2, 3.7, 4, 31.2].map((freedom) => studentQuantile(0.975, freedom));
    expect([...falling].sort((a, b) => b - a)).toEqual(falling);
    // P(T > t) for ν = 4 in closed form: ½ − ½ s (1.5 − .5 s²) with s = t/√(4 + t²).
    const t = studentQuantile(0.975, 4);
    const s = t / Math.sqrt(4 + t * t);
    expect(0.5 - 0.5 * s * (1.5 - 0.5 * s * s)).toBeCloseTo(0.025, 10);
  });
});
