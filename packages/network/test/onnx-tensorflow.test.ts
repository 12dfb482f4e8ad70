import { onnxCases } from "./onnx-cases.js";

onnxCases("tensorflow");
