package dev.tocsin.app.up;

import java.util.List;

/** {@code tocsin up} cannot work here; the message is for people, one line each problem. */
final class StartFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartFailure(String problem) {
    super(problem);
  }

  StartFailure(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
  }
}
