/** Ctrl-C (and SIGTERM) once: a signal that aborts. Twice: the process ends at once. */
export function createInterrupt(onFirst: () => void): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const listen = () => {
    if (controller.signal.aborted) process.exit(130);
    onFirst();
    controller.abort();
  };
  process.on("SIGINT", listen).on("SIGTERM", listen);
  return { signal: controller.signal, release: () => void process.off("SIGINT", listen).off("SIGTERM", listen) };
}
