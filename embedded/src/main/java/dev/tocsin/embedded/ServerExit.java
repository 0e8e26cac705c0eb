package dev.tocsin.embedded;

import java.util.List;

/**
 * How a run of a server ended.
 *
 * @param server its name, for example {@code PostgreSQL}
 * @param exitCode the exit code; 128 + n when signal n ended it
 * @param requested true when our own {@code stop}, {@code kill} or {@code restart} ended it
 * @param lastLines the last lines of its output, oldest first, at most 40
 */
public record ServerExit(String server, int exitCode, boolean requested, List<String> lastLines) {
  public ServerExit {
    lastLines = List.copyOf(lastLines);
  }

  /** One paragraph for people: the reason, followed by the last lines of the server's output. */
  public String describe() {
    StringBuilder text = new StringBuilder(server);
    if (requested) {
      text.append(" was stopped");
    } else if (exitCode > 128) {
      text.append(" was ended by signal ").append(exitCode - 128);
    } else {
      text.append(" ended by itself with exit code ").append(exitCode);
    }
    for (String line : lastLines) {
      text.append(System.lineSeparator()).append("  ").append(line);
    }
    return text.toString();
  }
}
