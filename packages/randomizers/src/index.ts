import { cascade } from "./cascade.js";
import { independent } from "./independent.js";

export default [cascade, independent];
