import { describe } from "vitest";
import { isSlow, specs, tablesOf } from "./gallery.js";

describe("the gallery of large and long experiments", () => {
  tablesOf(specs.filter(isSlow));
});
