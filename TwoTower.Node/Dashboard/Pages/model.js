// What a page knows of a run, put together from the views that the server sends.
import { smooth } from "/files/charts.js";

const columnNames = ["batches", "examples", "wall", "virtual", "loss", "rate", "staleness"];

export class RunModel {
  constructor() { this.clear(); }

  clear() {
    this.begin = null; this.status = ""; this.epochs = []; this.evaluations = []; this.notices = []; this.noticeCount = 0;
    this.progress = Object.fromEntries(columnNames.map(name => [name, []])); this.lossMeans = []; this.rateMeans = [];
    this.lanes = { batches: [], examples: [], wall: [], virtual: [], cells: {} };
    this.time = this.workers = this.shards = this.histograms = this.members = null;
  }

  take(view) {
    if (view.whole) this.clear();
    this.status = view.status;
    this.heard = view.silentSeconds === undefined ? undefined : performance.now() - 1000 * view.silentSeconds;
    if (view.begin) { this.begin = view.begin; this.time = this.workers = this.shards = this.histograms = this.members = null; } // another process: what the one before it told is over
    if (view.progress) {
      const count = view.progress.batches.length;
      for (const name of columnNames) push(this.progress[name], view.progress[name] || new Array(count).fill(null));
      push(this.lossMeans, view.progress.lossMeans || view.progress.loss);
      push(this.rateMeans, view.progress.rateMeans || view.progress.rate);
    }
    if (view.lanes) {
      const before = this.lanes.batches.length;
      for (const name of ["batches", "examples", "wall", "virtual"]) push(this.lanes[name], view.lanes[name] || new Array(view.lanes.batches.length).fill(null));
      for (const [worker, cells] of Object.entries(view.lanes.cells)) this.lanes.cells[worker] = (this.lanes.cells[worker] || "").padEnd(before, " ") + cells;
    }
    push(this.epochs, view.epochs || []); push(this.evaluations, view.evaluations || []); push(this.notices, view.notices || []);
    this.noticeCount = view.noticeCount || this.noticeCount;
    if (view.progress) [this.time, this.workers, this.shards] = [view.time ?? null, view.workers ?? null, view.shards ?? null]; // of the latest line, which may leave them out
    if (view.histograms) this.histograms = view.histograms;
    if (view.members) this.members = view.members;
  }

  get running() { return this.status === "running"; }
  get simulated() { return this.progress.virtual.some(value => value !== null) || this.begin?.command === "simulate"; }
  get batches() { return this.progress.batches.at(-1) ?? 0; }
  get best() { return this.evaluations.findLast(evaluation => evaluation.best); }
  get metrics() { return Object.keys(this.evaluations[0]?.metrics || Object.values(this.begin?.baselines || {})[0] || {}); }

  /** Where the run is, on an axis. */
  end(axis) {
    const last = [this.progress[axis].at(-1), this.evaluations.at(-1)?.at[axis], this.epochs.at(-1)?.at[axis]].filter(value => value !== undefined && value !== null);
    return last.length ? Math.max(...last) : 0;
  }

  /** A column over an axis, with its smoothed line. */
  line(axis, name, weight) {
    const means = name === "loss" ? this.lossMeans : name === "rate" ? this.rateMeans : this.progress[name];
    return { x: this.progress[axis], raw: this.progress[name], smooth: smooth(means, weight) };
  }

  /** A metric of the evaluations over an axis. */
  metric(axis, name) {
    const some = this.evaluations.filter(evaluation => evaluation.metrics[name] !== undefined);
    return {
      x: some.map(evaluation => evaluation.at[axis]), values: some.map(evaluation => evaluation.metrics[name]),
      low: some.map(evaluation => evaluation.interval?.[name]?.[0] ?? null), high: some.map(evaluation => evaluation.interval?.[name]?.[1] ?? null),
    };
  }
}

function push(list, more) { for (const one of more) list.push(one); }

export const baselineWords = { random: "random", popularity: "popularity", recentPopularity: "recent popularity", itemKnn: "item kNN", ease: "EASE", implicitAls: "iALS" };
export const baselineColours = { random: "--line8", popularity: "--line2", recentPopularity: "--line4", itemKnn: "--line5", ease: "--line3", implicitAls: "--line7" };
