import { onnxOperationCases } from "./onnx-operation-cases.js";

onnxOperationCases("wasm");
