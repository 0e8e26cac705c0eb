package dev.tocsin.embedded;

import java.io.IOException;

/**
 * Where the kernel has no parent-death signal: a small shell that holds the end of a pipe from this
 * process and signals the child when the pipe closes, whatever closed it.
 */
final class ParentWatch implements AutoCloseable {
  private final Process shell;

  private ParentWatch(Process shell) {
    this.shell = shell;
  }

  static ParentWatch over(long pid, String signal) {
    // INT to the shell itself is ignored: Ctrl-C reaches the whole foreground group.
    String script = "trap '' INT HUP; while read -r line; do :; done; kill -" + signal + " " + pid;
    try {
      return new ParentWatch(
          new ProcessBuilder("sh", "-c", script)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start());
    } catch (IOException e) {
      throw new EmbeddedException("sh: cannot be run (%s)".formatted(e), e);
    }
  }

  /** Ends the watch without signalling: to be called before or after the child has ended. */
  @Override
  public void close() {
    shell.destroyForcibly();
  }
}
