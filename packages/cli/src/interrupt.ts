/** Ctrl-C (and SIGTERM) once: a signal that aborts. Twice: the process is killed by it, at once. */
export function createInterrupt(onFirst: () => void): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const listen = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      // `process.exit` would stop threads inside native code, which then aborts the process with a message of its own.
      process.removeAllListeners(name);
      process.kill(process.pid, name);
      return;
    }
    onFirst();
    controller.abort();
  };
  process.on("SIGINT", listen).on("SIGTERM", listen);
  return { signal: controller.signal, release: () => void process.off("SIGINT", listen).off("SIGTERM", listen) };
}
