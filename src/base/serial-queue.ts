/** Runs jobs one after the other, in the order in which they came. A failed job does not stop the ones behind it. */
export class SerialQueue {
  private tail: Promise<unknown> = Promise.resolve();
  /** Jobs that wait or run. */
  length = 0;

  run<T>(job: () => Promise<T>): Promise<T> {
    this.length++;
    const result = this.tail.then(job);
    this.tail = result
      .catch(() => undefined)
      .then(() => {
        this.length--;
      });
    return result;
  }

  /** Resolves when everything handed in so far is done. */
  async idle(): Promise<void> {
    await this.tail;
  }
}
