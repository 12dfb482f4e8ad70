import { setImmediate } from "node:timers/promises";

/** Lets timers, signals, worker messages and everything already resolved run first. */
export const nextTurn = (): Promise<void> => setImmediate();
