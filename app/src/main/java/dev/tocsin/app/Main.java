package dev.tocsin.app;

import java.io.PrintWriter;

/** Entry point of the {@code tocsin} command. */
public final class Main {
  private Main() {}

  /** Ends the JVM: 0 after success, 1 when the command failed, 2 for arguments it cannot use. */
  public static void main(String[] args) {
    TerminalSettings.apply(System.getenv());
    int exitCode =
        TocsinCommandLine.create()
            .setOut(new PrintWriter(System.out, true))
            .setErr(new PrintWriter(System.err, true))
            .execute(args);
    System.exit(exitCode);
  }
}
