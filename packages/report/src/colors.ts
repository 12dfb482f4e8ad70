/** Okabe and Ito's and Tol's colours, apart from each other under the common colour-vision deficiencies; controls are grey. */
const KNOWN: Readonly<Record<string, string>> = {
  gradient: "#0072b2",
  smoothgrad: "#56b4e9",
  vargrad: "#332288",
  "gradient-x-input": "#009e73",
  "integrated-gradients": "#117733",
  "guided-backprop": "#d55e00",
  deconvnet: "#e69f00",
  "grad-cam": "#cc79a7",
  "guided-grad-cam": "#882255",
  occlusion: "#999933",
  "edge-detector": "#222222",
  edges: "#222222",
  "uniform-noise": "#8a8f98",
  noise: "#8a8f98",
};

const FURTHER = ["#44aa99", "#aa4499", "#661100", "#6699cc", "#b8860b", "#5d3a9b", "#1a85ff", "#994f00"] as const;

/** The colour of an explainer wherever it is drawn, as #rrggbb: fixed for the built-in names, by position on the axis for others. */
export const explainerColor = (name: string, index: number): string =>
  (Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined) ?? FURTHER[index % FURTHER.length] ?? FURTHER[0];

/** A colour from white over ink, for values 0 … 1. */
export const ink = (value: number): readonly [number, number, number] => {
  const v = Math.min(Math.max(value, 0), 1);
  return [Math.round(255 - 243 * v), Math.round(255 - 235 * v), Math.round(255 - 203 * v)];
};

/** Blue for −1, white for 0, red for 1. */
export const diverging = (value: number): readonly [number, number, number] => {
  const v = Math.min(Math.max(value, -1), 1);
  const strong = v < 0 ? ([5, 72, 140] as const) : ([178, 24, 43] as const);
  const weight = Math.abs(v);
  return [mix(strong[0], weight), mix(strong[1], weight), mix(strong[2], weight)];
};

const mix = (strong: number, weight: number): number => Math.round(255 + (strong - 255) * weight);
