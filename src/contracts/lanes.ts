/** What one run of a lane did. */
export interface LaneResult {
  readonly done: number;
}
