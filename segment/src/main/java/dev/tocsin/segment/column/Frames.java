package dev.tocsin.segment.column;

import java.util.Arrays;

/**
 * The services of a segment and the rows of each, which are contiguous. Services follow one another
 * in frames of at least {@link #ROWS_MIN} rows (the last may have fewer): small ones compress
 * badly, large ones cost a search for one service too much. Which services a frame has follows from
 * their numbers of rows.
 */
public final class Frames {
  static final int ROWS_MIN = 640;

  /** A frame with those of its numbers that nothing compresses. */
  public record Written(ColumnWriter columns, WideNumbers.Writer wide) {
    public void addTo(Sections.Writer sections, int number) {
      String name = Integer.toString(number);
      sections.add(name, columns);
      wide.addTo(sections, name);
    }
  }

  public final String[] services;

  /** Where each service's rows begin, and at the end the number of rows. */
  public final int[] firsts;

  /** Where each frame's rows begin, and at the end the number of rows. */
  public final int[] frames;

  public Frames(String[] services, int[] firsts) {
    this.services = services;
    this.firsts = firsts;
    int[] begins = new int[services.length + 1];
    int size = 0;
    int first = 0;
    for (int service = 0; service < services.length; service++) {
      boolean last = service == services.length - 1;
      if (firsts[service + 1] - first >= ROWS_MIN || (last && firsts[service + 1] > first)) {
        begins[++size] = firsts[service + 1];
        first = firsts[service + 1];
      }
    }
    this.frames = Arrays.copyOf(begins, size + 1);
  }

  /** Reads services with their numbers of rows, which must add up to the count. */
  public static Frames read(ColumnReader head, int count) {
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

  public void addTo(ColumnWriter head) {
    head.unsigned(services.length);
    for (int i = 0; i < services.length; i++) {
      head.text(services[i]);
      head.unsigned(firsts[i + 1] - firsts[i]);
    }
  }

  /** Frames in the segment. */
  public int count() {
    return frames.length - 1;
  }

  /** The frame a row is in. */
  public int of(int row) {
    return holder(frames, row);
  }

  /** The place of the service a row is of. */
  public int serviceOf(int row) {
    return holder(firsts, row);
  }

  private static int holder(int[] begins, int row) {
    int found = Arrays.binarySearch(begins, row);
    int holder = found >= 0 ? found : -found - 2;
    // Of those that begin where the row is, the last one has it.
    while (begins[holder + 1] == begins[holder]) {
      holder++;
    }
    return holder;
  }

  /** The place of a service, -1 when it is not in. */
  public int find(String service) {
    return Arrays.asList(services).indexOf(service);
  }
}
