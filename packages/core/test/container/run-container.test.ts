import { describe, expect, it } from "vitest";
import { inject, injectable } from "../../src/container/inject.js";
import { createRunContainer, withRunContainer } from "../../src/container/run-container.js";
import { ENGINE, FACTS, METRIC_POOL, pluginToken, REGISTRY, SERVICES, STORE } from "../../src/container/tokens.js";
import { Engine } from "../../src/engine/engine.js";
import { LOGGER, token, type Logger } from "../../src/plugin/index.js";
import { Registry } from "../../src/registry/registry.js";
import { Store } from "../../src/store/store.js";
import { toyPlugin } from "../engine/toy-plan.js";

const CLOCK = token<{ now(): number }>("test-clock");
const GREETER = token<Greeter>("test-greeter");

@injectable()
class Greeter {
  readonly logger: Logger;
  readonly clock: { now(): number };
  constructor(@inject(LOGGER) logger: Logger, @inject(CLOCK) clock: { now(): number }) {
    this.logger = logger;
    this.clock = clock;
  }
}

describe("RunContainer", () => {
  it("composes the engine from its tokens", () => {
    const container = createRunContainer({ root: "/nowhere" });
    expect(container.resolve(ENGINE)).toBeInstanceOf(Engine);
    expect(container.resolve(ENGINE)).toBe(container.resolve(ENGINE));
    expect(container.resolve(STORE).folder).toBe("/nowhere/.assay/store");
    expect(container.resolve(FACTS)).toBe(container.resolve(FACTS));
  });

  it("lets a test replace a service and add its own, classes included", () => {
    const logger: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
    const store = new Store("/elsewhere");
    const container = createRunContainer({
      overrides: [
        { token: LOGGER, value: logger },
        { token: STORE, value: store },
        { token: CLOCK, make: () => ({ now: () => 7 }) },
        { token: GREETER, class: Greeter },
      ],
    });
    expect(container.resolve(STORE)).toBe(store);
    expect(container.resolve(GREETER).logger).toBe(logger);
    expect(container.resolve(GREETER).clock.now()).toBe(7);
    expect(container.resolve(SERVICES)([CLOCK, LOGGER])).toEqual([container.resolve(CLOCK), logger]);
  });

  it("names a service that nobody registered", () => {
    expect(() => createRunContainer().resolve(SERVICES)([CLOCK])).toThrow(/^SERVICE-MISSING assay.test-clock/);
  });

  it("holds all plugins of a kind under one token, none of another run", () => {
    const registry = new Registry();
    const { definition, id: _id, ...origin } = toyPlugin("explainer/gradient");
    registry.add(definition, origin);
    registry.add(toyPlugin("explainer/input").definition, origin);
    const container = createRunContainer({ registry });
    expect(container.resolve(REGISTRY)).toBe(registry);
    expect(container.resolveAll(pluginToken("explainer")).map(({ id }) => id)).toEqual(["explainer/gradient", "explainer/input"]);
    expect(createRunContainer().resolveAll(pluginToken("explainer"))).toEqual([]);
  });

  it("releases in reverse order, on failure too, and one failing release keeps no other from it", async () => {
    const released: string[] = [];
    await expect(
      withRunContainer({}, async (container) => {
        container.onDispose("first", () => released.push("first"));
        container.onDispose("second", () => Promise.resolve().then(() => released.push("second")));
        await Promise.resolve();
        throw new Error("the work failed");
      }),
    ).rejects.toThrow("the work failed");
    expect(released).toEqual(["second", "first"]);
    const container = createRunContainer();
    container.resolve(METRIC_POOL);
    container.onDispose("good", () => released.push("good"));
    container.onDispose("bad", () => Promise.reject(new Error("stuck")));
    await expect(container.dispose()).rejects.toThrow("releasing bad failed");
    expect(released.at(-1)).toBe("good");
  });
});
