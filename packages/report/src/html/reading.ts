import { html, type Markup } from "./markup.js";

/** How to read the report, for a person who has not read the paper. */
export const howToRead = (threshold: number, withTwin: boolean): Markup =>
  html`<dl>
    <dt>The score s</dt>
    <dd>
      How alike a map of the trained network and a map of the destroyed one are, by one metric; 1 is identical. It is averaged over images
      and over several independent destructions (draws).
    </dd>
    <dt>The floor f</dt>
    <dd>
      How alike two maps are that have nothing to do with each other, but share what the data force on them: the same black background, the
      same place of the object. It is measured twice, once with the values of a map shuffled over its cells that are not zero (“permuted”),
      once with maps of different images (“crossed”), and the larger one counts.
    </dd>
    <dt>κ = (s − f)/(1 − f)</dt>
    <dd>
      Likeness corrected for chance, as Cohen’s kappa corrects agreement. 1: nothing changed. 0: no more alike than chance. The verdict
      compares ${withTwin ? "the interval of ρ (below)" : "its interval"}, not ${withTwin ? "a" : "its"} value, with
      ${threshold.toFixed(2)}.
    </dd>
    ${
      withTwin &&
      html`<dt>ρ = κ/κ of retraining</dt>
        <dd>
          A network of the same architecture, trained on the same data from other initial weights, names the same classes, and yet its maps
          are not the same. ρ is the share of that likeness that the destruction leaves: 1, the maps notice no more than that the network is
          another one. Where retraining alone leaves hardly any likeness, a metric cannot judge; a method that none can judge is
          irreproducible.
        </dd>`
    }
    <dt>p, adjusted</dt>
    <dd>
      How likely evidence at least as strong is where the claim is just not true. One metric is enough to speak against a method, so with
      many metrics and methods one of them soon does so by mistake. Holm’s adjustment makes p larger by as much as there are claims that
      could have been made; what does not hold then is called inconclusive, though the metric’s own row says otherwise.
    </dd>
    <dt>A change of κ by … would be seen</dt>
    <dd>
      The smallest difference of κ from the line ${threshold.toFixed(2)} that an experiment with so many draws and images finds in four of
      five repetitions. Smaller ones need more draws or images.
    </dd>
    <dt>Repeatable (ICC)</dt>
    <dd>
      Whether the same images’ maps change much or little in every draw: the intraclass correlation of single draws. 1: each draw says the
      same of every image; 0: what one draw says of an image does not hold in another. Below .5 is commonly called poor, above .75 good. A
      poor one does no harm to the mean, which is what the verdict rests on.
    </dd>
    <dt>Krippendorff’s α of the metrics</dt>
    <dd>
      Whether the metrics put the images in the same order, from the most changed map to the least. 1: the same order; 0: orders that have
      nothing in common; then the metrics see different things.
    </dd>
    <dt>Both random</dt>
    <dd>
      Where measured: how alike the maps of two networks are that are random altogether and share nothing but the image. High values mean
      that the image alone dictates most of such a map.
    </dd>
    <dt>Uninformative</dt>
    <dd>Where chance alone gives more than .85, too little room is left to see anything, so this metric is not asked about this method.</dd>
    <dt>Ties</dt>
    <dd>
      Cells of equal value, mostly exact zeros. If a share z of the cells is zero in both maps and the rest is unrelated, Spearman’s
      coefficient of absolute maps is still 3z/(1 + z + z²): .98 at z = .8. So a black background looks like agreement, and a verdict never
      rests on absolute Spearman alone.
    </dd>
    <dt>Undefined</dt>
    <dd>
      A constant map has no correlation with anything. Such scores are counted and left out. Nothing is concluded where more than 10 % of
      all are missing, or half of them at a stage that the verdict rests on or in the floor.
    </dd>
    <dt>Sensitive is not the same as right</dt>
    <dd>A method must notice that its network is destroyed to explain that network. Noise notices as well, and explains nothing.</dd>
  </dl>`;

const CRITIQUES = [
  [
    "A method that returns noise passes this test.",
    "Binder et al. 2023, “Shortcomings of Top-Down Randomization-Based Sanity Checks for Evaluations of Deep Neural Network Explanations”, arXiv:2211.12486",
  ],
  [
    "Destroying from the output down bounds how much a map can change: lower layers still pass on where the image has strong features.",
    "Binder et al. 2023, arXiv:2211.12486",
  ],
  [
    "How maps are preprocessed before they are compared, and which task is explained, sway the outcome.",
    "Yona & Greenfeld 2021, “Revisiting Sanity Checks for Saliency Maps”, arXiv:2110.14297; Kokhlikyan et al. 2021, “Investigating Sanity Checks for Saliency Maps with Image and Text Classification”, arXiv:2106.07475",
  ],
  [
    "Randomization tests can be made steadier by smoothing, and less dependent on a metric by the complexity of maps (sMPRT, eMPRT).",
    "Hedström et al. 2024, “A Fresh Look at Sanity Checks for Saliency Maps”, arXiv:2405.02383",
  ],
  [
    "Methods that modify backpropagation converge to a matrix of rank one, so they must ignore later layers whatever the network is.",
    "Sixt et al. 2020, “When Explanations Lie: Why Many Modified BP Attributions Fail”, arXiv:1912.09818",
  ],
  [
    "A method may pass and still depend on what does not matter to the network, such as a constant shift of the input.",
    "Kindermans et al. 2017, “The (Un)reliability of Saliency Methods”, arXiv:1711.00867",
  ],
  [
    "Measures of saliency quality are themselves statistically unreliable from one image to the next.",
    "Tomsett et al. 2019, “Sanity Checks for Saliency Metrics”, arXiv:1912.01451",
  ],
] as const;

/** What the literature holds against the test, shown beside its results. */
export const critiques = (): Markup =>
  html`<ul>
    ${CRITIQUES.map(([critique, source]) => html`<li>${critique} <span class="fine">${source}.</span></li>`)}
  </ul>`;
