import { defineModel, list, optional, path, strictObject, text, type Params } from "@assay/core/plugin";
import { loadModel, readTopology, type ImportOptions } from "@assay/network";

const params = strictObject({
  path: path({ description: "the `model.json` of a TensorFlow.js layers model; its weight files lie beside it" }),
  blocks: optional(
    list(text({ description: "name of a layer with weights", minLength: 1 }), {
      description: "layers that randomizers act on, output first; every layer with weights if left out",
      minItems: 1,
    }),
  ),
  convolution: optional(text({ description: "layer where CAM methods look; the last convolutional activation if left out", minLength: 1 })),
});

const options = ({ blocks, convolution }: Params<typeof params>): ImportOptions => ({
  ...(blocks && { blocks: blocks.map((name) => ({ name, layers: [name] })) }),
  ...(convolution !== undefined && { convolution }),
});

/**
 * A network of your own, as TensorFlow.js saves it (`model.save("file://…")`, or `tensorflowjs_converter` from Keras): Sequential or
 * Functional, one input `[h, w, c]`, one vector of logits. A softmax at the end is seen through: maps explain the logits before it.
 * The redraw `initializer` uses the initializers that the file names.
 */
export const file = defineModel({
  name: "file",
  version: "1",
  summary: "a TensorFlow.js layers model from a `model.json`",
  params,
  describe: (settings) => readTopology(settings.path, options(settings)),
  load: (settings) => loadModel(settings.path, options(settings)),
});
