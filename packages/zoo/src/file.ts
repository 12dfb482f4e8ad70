import { defineModel, list, optional, path, strictObject, text, type Params } from "@assay/core/plugin";
import { loadModel, readTopology, type ImportOptions } from "@assay/network";

const params = strictObject({
  path: path({ description: "an ONNX file (`.onnx`), or the `model.json` of a TensorFlow.js layers model; weight files lie beside it" }),
  blocks: optional(
    list(text({ description: "name of a layer with weights, or of a module that holds some", minLength: 1 }), {
      description:
        "what randomizers act on, output first: layers, or modules by the names before a dot or slash (`layer4.1`); every layer with weights if left out",
      minItems: 1,
    }),
  ),
  convolution: optional(text({ description: "layer where CAM methods look; the last convolutional activation if left out", minLength: 1 })),
});

const options = ({ blocks, convolution }: Params<typeof params>): ImportOptions => ({
  ...(blocks && { blocks }),
  ...(convolution !== undefined && { convolution }),
});

/**
 * A network of your own, with one image as input and one vector of logits: an ONNX file as PyTorch exports it (operator sets 9 to 21,
 * `[n, c, h, w]` inside, `[n, h, w, c]` for all of Assay), or TensorFlow.js layers, Sequential or Functional (`model.save("file://…")`, or
 * `tensorflowjs_converter` from Keras). A softmax at the end is seen through: maps explain the logits before it. The redraw
 * `initializer` uses the initializers that the file names; ONNX files name none, and get the default: a corrected He normal.
 */
export const file = defineModel({
  name: "file",
  version: "1",
  summary: "a network of your own: an ONNX file, or a TensorFlow.js layers model",
  params,
  describe: (settings) => readTopology(settings.path, options(settings)),
  load: (settings) => loadModel(settings.path, options(settings)),
});
