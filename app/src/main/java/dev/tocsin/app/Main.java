package dev.tocsin.app;

/** Entry point of the {@code tocsin} command. */
public final class Main {
  private Main() {}

  /** Ends the JVM: 0 after success, 1 when the command failed, 2 for arguments it cannot use. */
  public static void main(String[] args) {
    TerminalSettings.apply(System.getenv());
    int exitCode =
        TocsinCommandLine.create()
            .setOut(TerminalSettings.writer(System.out, "stdout.encoding"))
            .setErr(TerminalSettings.writer(System.err, "stderr.encoding"))
            .execute(args);
    System.exit(exitCode);
  }
}
