import { seedTree, type MapStack, type SurrogateDefinition } from "../plugin/index.js";
import { defaultsOf, factChecks, type Check } from "./kit.js";
import { expectSameBytes } from "./metric-kit.js";

/** What every surrogate must be: chance versions that keep ids and values, decided by the seed. Wrap each in a test of its own. */
export function surrogateKit(surrogate: SurrogateDefinition): Check[] {
  const params = defaultsOf(surrogate.params);
  const stacks = [sampleStack(1), sampleStack(3)];
  const make = (stack: MapStack, seed: string): MapStack => surrogate.surrogate(stack, seedTree(seed), params);
  return [
    ...factChecks(surrogate),
    {
      title: "makes maps of the same size, equally many for every image, under the image's own id",
      run() {
        for (const stack of stacks) {
          const made = make(stack, "one");
          if (made.height !== stack.height || made.width !== stack.width || made.channels !== stack.channels)
            throw new Error("the size changed");
          if (made.values.length !== made.images.length * sizeOf(stack)) throw new Error("values and ids do not match");
          const times = made.images.length / stack.images.length;
          for (const id of stack.images) {
            const count = made.images.filter((other) => other === id).length;
            if (count !== times || count < 1) throw new Error(`image ${id} has ${count} maps, not ${times}`);
          }
        }
      },
    },
    {
      title: "gives every map exactly the values of one of the maps handed in",
      run() {
        for (const stack of stacks) {
          const known = new Set(mapsOf(stack).map((map) => map.sort().join()));
          for (const map of mapsOf(make(stack, "one"))) if (!known.has(map.sort().join())) throw new Error("a map has values of its own");
        }
      },
    },
    {
      title: "gives the same bytes for the same seed, and others for another",
      run() {
        for (const stack of stacks) {
          const made = make(stack, "one").values;
          expectSameBytes(make(stack, "one").values, made);
          const other = make(stack, "two").values;
          if (other.every((value, i) => value === made[i])) throw new Error("another seed gave the same maps");
        }
      },
    },
    {
      title: "leaves the maps as they were",
      run() {
        for (const stack of stacks) {
          const before = stack.values.slice();
          make(stack, "one");
          expectSameBytes(stack.values, before);
        }
      },
    },
  ];
}

const sizeOf = ({ height, width, channels }: MapStack): number => height * width * channels;

function mapsOf(stack: MapStack): Float32Array[] {
  const size = sizeOf(stack);
  return Array.from(stack.images, (_, i) => stack.values.slice(i * size, (i + 1) * size));
}

/** Six maps of noise, half of their cells zero, under ids that are not positions. */
function sampleStack(channels: number): MapStack {
  const random = seedTree("surrogate-kit").split(channels);
  const [height, width, count] = [9, 11, 6];
  const values = Float32Array.from({ length: count * height * width * channels }, () => random.normal());
  for (let cell = 0; cell < values.length; cell += channels) if (random.uniform() < 0.5) values.fill(0, cell, cell + channels);
  return { values, height, width, channels, images: Int32Array.from({ length: count }, (_, i) => 7 + 3 * i) };
}
