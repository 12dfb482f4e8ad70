import { oracleCases } from "./oracle-cases.js";

oracleCases("onnxruntime");
