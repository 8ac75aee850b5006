/** Runs `work` for each item, at most `width` at a time, and gives the results in the items' order. */
export async function pooled<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  async function run(): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results[next[0]] = await work(next[1]);
  }
  await Promise.all(Array.from({ length: width }, run));
  return results;
}
