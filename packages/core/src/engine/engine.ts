import { inject, injectable } from "../container/inject.js";
import { FACTS, METRIC_POOL, SERVICES, STORE, type ResolveServices } from "../container/tokens.js";
import type { Facts, Instance, Plan } from "../experiment/plan-types.js";
import { type ReportResult, type TrainerDefinition } from "../plugin/index.js";
import type { Store } from "../store/store.js";
import { Board } from "./board.js";
import { MapCache } from "./map-cache.js";
import { MapWork, mapGroups } from "./map-work.js";
import type { MetricPool } from "./metric-pool.js";
import { checkTrainers } from "./check-trainers.js";
import { Networks } from "./networks.js";
import { inputIds, keeps, planStates } from "./plan-states.js";
import type { Selection } from "./selection.js";
import { Progress } from "./progress.js";
import { buildReports } from "./report-work.js";
import { openDataset, type RunContext } from "./run-context.js";
import { readScores } from "./score-group.js";
import { ScoreWork } from "./score-work.js";
import { TrainWork } from "./train-work.js";
import type { PlanEntry, RunEvent, RunOutcome, RunStatus } from "./types.js";

export interface EngineOptions extends Selection {
  readonly onEvent?: (event: RunEvent) => void;
  /** Ends the run; what is finished is kept. */
  readonly signal?: AbortSignal;
  /** false: nothing new is begun after the first failure. Default: true. */
  readonly keepGoing?: boolean;
  /** Called before the first network is loaded: a run without one needs no backend. */
  readonly startBackend?: () => Promise<void>;
}

/** Executes plans against a store. */
@injectable()
export class Engine {
  readonly #store: Store;
  readonly #facts: Facts;
  readonly #services: ResolveServices;
  readonly #pool: MetricPool;

  constructor(
    @inject(STORE) store: Store,
    @inject(FACTS) facts: Facts,
    @inject(SERVICES) services: ResolveServices,
    @inject(METRIC_POOL) pool: MetricPool,
  ) {
    this.#store = store;
    this.#facts = facts;
    this.#services = services;
    this.#pool = pool;
  }

  states(plan: Plan, selection: Selection = {}): PlanEntry[] {
    return planStates(plan, this.#store, selection);
  }

  async run(plan: Plan, options: EngineOptions = {}): Promise<RunOutcome> {
    const { onEvent = () => undefined, startBackend = () => Promise.resolve() } = options;
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    const emit = (event: RunEvent): void => {
      onEvent(event);
      if (event.type === "instance-failed" && options.keepGoing === false) stop.abort();
    };
    const entries = this.states(plan, options);
    checkTrainers(plan);
    const hits = entries.filter(({ state }) => state === "hit");
    const board = new Board(plan, emit);
    board.take(entries);
    const run: RunContext = {
      plan,
      store: this.#store,
      facts: this.#facts,
      services: this.#services,
      board,
      networks: new Networks(plan, this.#store, this.#services, startBackend),
      maps: new MapCache(this.#store),
      pool: this.#pool,
      progress: new Progress(emit),
      signal,
    };
    const toRun = entries.filter(({ instance, state }) => state === "run" && keeps(instance)).length;
    emit({ type: "run-started", plan, toRun, hits: hits.length });
    warnOfDamage(entries, emit);
    for (const { instance } of hits) emit({ type: "instance-finished", instance, hit: true, elapsedMs: 0 });
    let status: RunStatus = "done";
    try {
      await this.#passes(run, entries, options, emit);
    } catch (error) {
      if (!signal.aborted) throw error;
      status = "interrupted";
    } finally {
      run.networks.dispose();
      await this.#pool.close();
      if (toRun > 0) await this.#record(plan, board);
    }
    if (board.failed.length > 0 && !options.signal?.aborted) status = "failed";
    await this.#retain(plan, entries);
    emit({ type: "run-finished", status });
    return this.#outcome(plan, board, status, hits.length);
  }

  /** One pass makes everything; another follows only where stored maps turned out to be damaged. */
  async #passes(run: RunContext, first: readonly PlanEntry[], options: EngineOptions, emit: (event: RunEvent) => void): Promise<void> {
    for (let entries = first; ; entries = this.states(run.plan, options)) {
      run.board.take(entries);
      await expect(run);
      const scores = new ScoreWork(run);
      const maps = new MapWork(run);
      const training = new TrainWork(run, emit);
      for (const job of run.board.waiting("trainer")) await training.compute(job);
      await scores.dispatch();
      for (const group of mapGroups(run)) {
        await maps.compute(group);
        await scores.dispatch();
      }
      await scores.drain();
      await buildReports(run);
      if (!run.board.hasLost) return;
    }
  }

  async #record(plan: Plan, board: Board): Promise<void> {
    const recorded = new Map(this.#store.index.read(plan.name));
    for (const { id, key, keyParts } of plan.instances.values()) if (board.isMade(key)) recorded.set(id, { key, parts: keyParts });
    await this.#store.index.write(plan.name, recorded);
  }

  /** Keeps the store under its limit: maps go, but not those that reports show. */
  async #retain(plan: Plan, entries: readonly PlanEntry[]): Promise<void> {
    if (plan.store?.maxBytes === undefined) return;
    const shown = entries
      .filter(({ instance }) => instance.plugin.definition.kind === "report")
      .flatMap(({ instance }) => inputIds(instance));
    const keep = new Set(shown.map((id) => plan.instances.get(id)!.key));
    await this.#store.gc(plan.store.maxBytes, { mapsOnly: true, keep });
  }

  #outcome(plan: Plan, board: Board, status: RunStatus, hits: number): RunOutcome {
    const store = this.#store;
    const instances = [...plan.instances.values()];
    const reports = new Map<string, { instance: Instance; result: ReportResult }>();
    for (const instance of instances) {
      if (instance.output !== "table") continue;
      const found = store.readResult(instance.key);
      if (found.state !== "found") continue;
      reports.set(reports.has(instance.node) ? instance.id : instance.node, { instance, result: found.value as ReportResult });
    }
    return {
      status,
      computed: board.computed,
      hits,
      failed: board.failed,
      reports,
      trainings: instances.flatMap((instance) => {
        const facts = instance.plugin.definition.kind === "trainer" ? store.trainings.facts(instance.key) : undefined;
        return facts ? [{ instance, facts }] : [];
      }),
      async *scores() {
        for (const instance of instances) {
          const group = instance.output === "scores" ? readScores(store, instance) : undefined;
          if (group) yield await Promise.resolve({ instance, group });
        }
      },
    };
  }
}

async function expect(run: RunContext): Promise<void> {
  for (const job of run.board.waiting("explainer")) {
    const images = run.plan.instances.get(job.inputs.find(({ port }) => port === "images")?.instances[0] ?? "");
    // A data set that does not open fails its instance later, with its own error.
    const count = images
      ? await openDataset(run, images).then(
          (dataset) => dataset.count,
          () => 0,
        )
      : 0;
    run.progress.expect(job.node, count, "maps");
  }
  for (const { node, params, plugin } of run.board.waiting("trainer"))
    run.progress.expect(node, (plugin.definition as TrainerDefinition).epochs(params), "epochs");
  for (const kind of ["metric", "report"] as const)
    for (const job of run.board.waiting(kind)) run.progress.expect(job.node, 1, "instances");
}

function warnOfDamage(entries: readonly PlanEntry[], emit: (event: RunEvent) => void): void {
  for (const { instance, reason } of entries) {
    if (reason.endsWith("damaged"))
      emit({ type: "warning", message: `The stored result of ${instance.id} is damaged; it is computed again.` });
  }
}
