import type { StageOrder } from "@assay/core/plugin";

/** What a page says of its stages, by how they relate. */
export const ORDER_WORDS: Readonly<
  Record<StageOrder, { readonly done: string; readonly curves: string; readonly columns: string; readonly lost: string }>
> = {
  cascading: {
    done:
      "A network was trained and then destroyed: its weights were replaced by random ones block by block, each stage on top of those before " +
      "it. The saliency maps drawn before and after",
    curves: "From left to right more of the network is destroyed. A curve that stays high belongs to a method that does not notice.",
    columns: "to the right of it more and more of the network is random",
    lost: "what the random part had learned",
  },
  independent: {
    done:
      "A network was trained and then destroyed: one part after the other was filled with random weights, while the rest was left as it " +
      "was. The saliency maps drawn before and after",
    curves: "At each mark one block alone is random. A mark that stays high belongs to a method that does not notice this block.",
    columns: "in each column to the right of it the block of that name alone is random",
    lost: "what that block learned",
  },
  graded: {
    done:
      "A network was trained, and others like it were trained from new weights on the same images, with labels permuted among these. Such " +
      "labels cannot be understood, only learned by heart. The saliency maps of the one and of the others",
    curves:
      "At “trained” the network was trained once more with the true labels; to the right of it with permuted ones. A curve that stays as " +
      "high as it begins belongs to a method that does not notice what was learned.",
    columns: "to the right of it are networks that were trained again, “trained” with the true labels, the others with permuted ones",
    lost: "how images and labels belong together",
  },
};
