package dev.tocsin.storage.segment;

import java.util.Arrays;

/** The services of a segment and the rows of each, which are contiguous. */
final class Frames {
  final String[] services;

  /** Where each service's rows begin, and at the end the number of rows. */
  final int[] firsts;

  Frames(String[] services, int[] firsts) {
    this.services = services;
    this.firsts = firsts;
  }

  /** Reads services with their numbers of rows, which must add up to the count. */
  static Frames read(ColumnReader head, int count) {
    String[] services = new String[head.count(head.remaining())];
    int[] firsts = new int[services.length + 1];
    for (int i = 0; i < services.length; i++) {
      services[i] = head.text();
      firsts[i + 1] = firsts[i] + head.count(count - firsts[i]);
    }
    if (firsts[services.length] != count) {
      throw new SegmentFormatException(
          "services with " + firsts[services.length] + " rows (expected: " + count + ")");
    }
    return new Frames(services, firsts);
  }

  int of(int row) {
    int found = Arrays.binarySearch(firsts, row);
    // Of services without rows the last begins where the row is.
    int frame = found >= 0 ? found : -found - 2;
    while (firsts[frame + 1] == firsts[frame]) {
      frame++;
    }
    return frame;
  }

  /** The place of a service, -1 when it is not in. */
  int find(String service) {
    return Arrays.asList(services).indexOf(service);
  }
}
