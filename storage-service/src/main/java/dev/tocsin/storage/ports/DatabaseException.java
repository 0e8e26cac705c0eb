package dev.tocsin.storage.ports;

/** One of several databases could not answer its part of a query, so there is no answer. */
public final class DatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String database;
  private final Throwable failure;

  /**
   * @param database host, port and name
   */
  public DatabaseException(String database, Throwable failure) {
    super(database + ": " + failure.getMessage(), failure);
    this.database = database;
    this.failure = failure;
  }

  public String database() {
    return database;
  }

  /** What the database, or the way to it, failed with. */
  public Throwable failure() {
    return failure;
  }
}
