package dev.tocsin.alert.evaluate;

/** Where evaluation's results go. */
public interface Publisher extends AutoCloseable {
  /**
   * Publishes all or nothing; blocks until it is certain which. Called by the evaluation thread
   * only.
   *
   * @throws RuntimeException when nothing was published; the next call may succeed
   */
  void publish(Publication publication);

  @Override
  void close();
}
