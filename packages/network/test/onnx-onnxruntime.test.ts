import { onnxCases } from "./onnx-cases.js";

onnxCases("onnxruntime");
