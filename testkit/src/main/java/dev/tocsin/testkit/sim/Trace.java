package dev.tocsin.testkit.sim;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What happened, line by line: a hash over all of it, and the last lines. Two runs with one hash
 * took the same course.
 */
public final class Trace {
  /** System property that prints each line as it comes. */
  public static final String PRINT = "tocsin.sim.trace";

  private static final int LINES_KEPT = 400;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final boolean printing = Boolean.getBoolean(PRINT);
  private final Deque<String> last = new ArrayDeque<>();
  private long hash = FNV_OFFSET;
  private long lines;

  /** Adds a line; it must not name anything that differs between runs, such as identities. */
  public void add(String line) {
    for (int i = 0; i < line.length(); i++) {
      hash = (hash ^ line.charAt(i)) * FNV_PRIME;
    }
    hash = (hash ^ '\n') * FNV_PRIME;
    lines++;
    last.add(line);
    if (last.size() > LINES_KEPT) {
      last.remove();
    }
    if (printing) {
      System.out.println(line);
    }
  }

  public long hash() {
    return hash;
  }

  public long lines() {
    return lines;
  }

  /** The last lines, oldest first. */
  public List<String> last() {
    return List.copyOf(last);
  }
}
