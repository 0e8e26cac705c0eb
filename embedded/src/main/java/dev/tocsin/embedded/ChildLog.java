package dev.tocsin.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A child's output: appended to a file that is rolled once to {@code <name>.1} at a size limit, and
 * its last lines kept in memory. A full disk never disturbs the child: lines are then only kept in
 * memory.
 */
final class ChildLog implements AutoCloseable {
  static final int LINES_KEPT = 40;
  private static final int LINE_CHARS_MAX = 4_000;

  private final Path file;
  private final long bytesMax;
  private final Deque<String> tail = new ArrayDeque<>();
  private OutputStream out;
  private long bytes;

  private ChildLog(Path file, long bytesMax) throws IOException {
    this.file = file;
    this.bytesMax = bytesMax;
    this.out = append(file);
    this.bytes = Files.size(file);
  }

  static ChildLog open(Path file, long bytesMax) {
    try {
      Path parent = file.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      return new ChildLog(file, bytesMax);
    } catch (IOException e) {
      throw new EmbeddedException(
          "log file: %s (cannot be written: %s; expected: a writable path)".formatted(file, e), e);
    }
  }

  synchronized void line(String line) {
    String kept = line.length() > LINE_CHARS_MAX ? line.substring(0, LINE_CHARS_MAX) + "..." : line;
    if (tail.size() == LINES_KEPT) {
      tail.removeFirst();
    }
    tail.addLast(kept);
    byte[] encoded = (kept + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      if (bytes + encoded.length > bytesMax) {
        roll();
      }
      out.write(encoded);
      bytes += encoded.length;
    } catch (IOException e) {
      // A log that cannot be written must not take the server down with it.
      bytes += encoded.length;
    }
  }

  synchronized List<String> tail() {
    return List.copyOf(tail);
  }

  @Override
  public synchronized void close() {
    try {
      out.close();
    } catch (IOException e) {
      // Nothing is buffered here; there is nothing left to lose.
    }
  }

  private void roll() throws IOException {
    out.close();
    Files.move(
        file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
    out = append(file);
    bytes = 0;
  }

  private static OutputStream append(Path file) throws IOException {
    return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
