import type { RunEvent } from "@assay/core";
import { createLogUpdate } from "log-update";
import pc from "picocolors";

interface NodeState {
  done: number;
  total: number;
  rate?: number;
  etaMs?: number;
  /** where a training stands */
  loss?: number;
  accuracy?: number;
}

const seconds = (ms: number) =>
  ms < 9_950 ? `${(ms / 1000).toFixed(1)} s` : ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;

const line = (name: string, width: number, { done, total, rate, etaMs, loss, accuracy }: NodeState) => {
  const eta = done < total && etaMs !== undefined && Number.isFinite(etaMs) ? `  ${seconds(etaMs)} left` : "";
  const learned = loss !== undefined && accuracy !== undefined ? `  loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(3)}` : "";
  return `  ${name.padEnd(width)} ${String(done).padStart(String(total).length)}/${total}${rate !== undefined ? `  ${rate.toFixed(1)}/s` : ""}${eta}${learned}`;
};

/**
 * Shows a run: on a terminal one live line a node with rate and time left, otherwise a plain line whenever a node ends
 * or half a minute has passed.
 */
export function progressLines(stream: NodeJS.WriteStream, clock: () => number = Date.now): { listen(event: RunEvent): void; stop(): void } {
  const nodes = new Map<string, NodeState>();
  const learned = new Map<string, { readonly loss: number; readonly accuracy: number }>();
  const live = stream.isTTY ? createLogUpdate(stream) : undefined;
  let lastPlain = clock();
  let lastLive = 0;

  const draw = () => {
    const width = Math.max(...[...nodes.keys()].map((name) => name.length));
    live?.(
      [...nodes]
        .map(([name, state]) => (state.done === state.total ? pc.dim(line(name, width, state)) : line(name, width, state)))
        .join("\n"),
    );
  };

  return {
    listen(event) {
      if (event.type === "run-started") {
        stream.write(`${event.toRun} instances to compute, ${event.hits} in the store (backend ${event.plan.backend})\n`);
      } else if (event.type === "node-progress") {
        const state: NodeState = { ...learned.get(event.node), done: event.done, total: event.total };
        if (event.rate !== undefined) state.rate = event.rate;
        if (event.etaMs !== undefined) state.etaMs = event.etaMs;
        nodes.set(event.node, state);
        const now = clock();
        if (live && now - lastLive > 100) {
          lastLive = now;
          draw();
        } else if (!live && (event.done === event.total || now - lastPlain > 30_000)) {
          lastPlain = now;
          stream.write(`${line(event.node, event.node.length, state)}\n`);
        }
      } else if (event.type === "epoch-finished") {
        learned.set(event.instance.node, { loss: event.loss, accuracy: event.accuracy });
      } else if (event.type === "warning") {
        live?.clear();
        stream.write(`${pc.yellow("warning")} ${event.message}\n`);
      } else if (event.type === "run-finished" && live && nodes.size > 0) {
        draw();
      }
    },
    stop: () => live?.done(),
  };
}
