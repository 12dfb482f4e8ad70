export type { RunLinks } from "./run-links.js";
export type * from "./run-summary.js";
export { readSpool } from "./spooled-run.js";
export type { SpooledExperiment, SpooledRun } from "./spooled-run.js";
export { openRun, trackRun } from "./track-run.js";
export type { TrackedRun, TrackOptions, TrackOutcome } from "./track-run.js";
export { uploadSpool } from "./upload.js";
export type { Upload, UploadOptions } from "./upload.js";
