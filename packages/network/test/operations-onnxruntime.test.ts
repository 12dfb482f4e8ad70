import { operationCases } from "./operation-cases.js";

operationCases("onnxruntime");
