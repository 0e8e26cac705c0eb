package dev.tocsin.storage.write.consume;

/**
 * Heap that metrics may take beside their bytes: a small record can make many series.
 *
 * @param totals shared by all partitions
 * @param recordBytesMax what is made of one record; what comes after it in the record is left out
 */
record MetricHeap(TotalsMemory totals, long recordBytesMax) {

  /** Shares of the heap there is. */
  static MetricHeap ofProcess() {
    return new MetricHeap(
        new TotalsMemory(Runtime.getRuntime().maxMemory() / 16), FlushLimits.TOPIC_HEAP_BYTES_MAX);
  }
}
