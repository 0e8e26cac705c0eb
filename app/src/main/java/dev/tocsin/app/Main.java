package dev.tocsin.app;

/** Entry point of the {@code tocsin} command. */
public final class Main {
  private Main() {}

  /** Ends the JVM: 0 after success, 1 when the command failed, 2 for arguments it cannot use. */
  public static void main(String[] args) {
    System.exit(TocsinCommandLine.create().execute(args));
  }
}
