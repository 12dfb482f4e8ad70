// Median milliseconds a pair and metric, the reference map prepared once for many (one map prepared, one comparison), and the comparison alone.
// Usage: npx tsc -b && node bench/metrics.mjs
import { Value } from "../packages/core/node_modules/@sinclair/typebox/build/esm/value/index.mjs";
import { seedTree } from "../packages/core/dist/plugin/index.js";
import plugins from "../packages/metrics/dist/index.js";

const SIZES = [
  { height: 28, width: 28, channels: 1, rounds: 300 },
  { height: 299, width: 299, channels: 3, rounds: 7 },
];

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

console.log("metric           size        pair (ms)   compare alone (ms)");
for (const { rounds, ...size } of SIZES) {
  const random = seedTree("bench").split(size.height);
  const draw = () => ({ ...size, values: Float32Array.from({ length: size.height * size.width * size.channels }, () => random.uniform()) });
  const [a, b] = [draw(), draw()];
  for (const metric of plugins.filter(({ kind }) => kind === "metric")) {
    const params = Value.Default(metric.params, {});
    const [pair, alone] = [[], []];
    for (let round = 0; round < rounds * 1.5; round++) {
      const start = performance.now();
      const [first, second] = [metric.prepare(a, params), metric.prepare(b, params)];
      const prepared = performance.now();
      metric.compare(first, second, params);
      const end = performance.now();
      if (round < rounds / 2) continue;
      pair.push((prepared - start) / 2 + end - prepared);
      alone.push(end - prepared);
    }
    const name = metric.name.padEnd(16);
    console.log(
      `${name} ${`${size.height}×${size.width}×${size.channels}`.padEnd(11)} ${median(pair).toFixed(4).padStart(9)} ${median(alone).toFixed(4).padStart(20)}`,
    );
  }
}
