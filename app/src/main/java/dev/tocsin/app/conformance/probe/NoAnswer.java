package dev.tocsin.app.conformance.probe;

/**
 * No answer, or none that HTTP knows.
 *
 * @param closed whether the receiver ended the connection or the stream, rather than be silent
 */
public record NoAnswer(String why, boolean closed) implements Reply {
  @Override
  public String describe() {
    return why;
  }
}
